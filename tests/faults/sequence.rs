//! Random sequences of faults from a seed.

use crate::fault::{FAULTS, Fault, Kind};

/// Faults in a sequence.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=8;

/// One sequence in so many has a fault after which the exporter waits for ten intervals, and one has a time without
/// connections. More would take too long.
const SEQUENCES_WITH_A_LASTING_FAULT: usize = 4;
const SEQUENCES_WITH_A_REFUSAL: usize = 4;

/// A random sequence of faults.
pub(crate) fn random(random: &mut fastrand::Rng) -> Vec<&'static Fault> {
    let length = random.usize(LENGTH);
    let mut faults: Vec<&'static Fault> = (0..length).map(|_| one_of(Kind::Common, random)).collect();
    for (kind, one_in) in [(Kind::Lasting, SEQUENCES_WITH_A_LASTING_FAULT), (Kind::Refusal, SEQUENCES_WITH_A_REFUSAL)] {
        if random.usize(..one_in) == 0 {
            faults[random.usize(..length)] = one_of(kind, random);
        }
    }
    faults
}

/// A random fault of this kind.
pub(crate) fn one_of(kind: Kind, random: &mut fastrand::Rng) -> &'static Fault {
    let faults: Vec<&'static Fault> = FAULTS.iter().filter(|fault| fault.kind == kind).collect();
    faults[random.usize(..faults.len())]
}
