//! The agents as persons: extension, name, identity document. All of it is invented.

use super::operation::{FIRST_EXTENSION, Skill};

/// Names that are difficult for software: accents, ñ, a double space, quotes.
const FIRST_NAMES: [&str; 24] = [
    "José Luis",
    "María Ángeles",
    "Íñigo",
    "Begoña",
    "Ramón",
    "Lucía",
    "Andrés",
    "Sofía",
    "Martín",
    "Inés",
    "Raúl",
    "Mónica",
    "Toño",
    "Ana  Lucía",
    "Óscar",
    "Úrsula",
    "Adrián",
    "Verónica",
    "Joaquín",
    "Concepción",
    "Nicolás \"Nico\"",
    "Belén",
    "Germán",
    "Yolanda",
];
/// One more than there are first names, so that no two of 600 consecutive agents share both.
const SURNAMES: [&str; 25] = [
    "Núñez",
    "Peña",
    "Muñoz",
    "Ordóñez",
    "Ibáñez",
    "Cañón",
    "Zúñiga",
    "Páez",
    "Gómez",
    "Rincón",
    "Ávila",
    "Bermúdez",
    "Castañeda",
    "Dávila",
    "Échavez",
    "Farfán",
    "Güiza",
    "Hincapié",
    "Jaimes",
    "Londoño",
    "Marín",
    "Ocaña",
    "Quiñones",
    "Rodríguez",
    "Villamizar",
];
/// The first document number. It is higher than any number that was issued.
const DOCUMENTS: u64 = 9_900_000_001;

/// A person who takes calls; the same one every day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Agent {
    /// The identification in wolkvox: the extension.
    pub id: u32,
    /// The full name.
    pub name: String,
    /// The number of the identity document.
    pub dni: String,
}

impl Agent {
    /// The agent with number `index` (from 0) in `skill`.
    pub fn of(skill: &Skill, index: u16) -> Self {
        let id = skill.first_extension + u32::from(index);
        let number = id.saturating_sub(FIRST_EXTENSION);
        let from = |names: &[&'static str], number: u32| names[number as usize % names.len()];
        let (first, father) = (from(&FIRST_NAMES, number), from(&SURNAMES, number));
        let mother = from(&SURNAMES, 7 * number + 11);
        Self { id, name: format!("{first} {father} {mother}"), dni: (DOCUMENTS + u64::from(number)).to_string() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::operation::demo;
    use super::*;

    fn staff() -> Vec<Agent> {
        demo().iter().flat_map(|skill| (0..90).map(|index| Agent::of(skill, index))).collect()
    }

    #[test]
    fn no_two_agents_share_an_extension_a_name_or_a_document() {
        let distinct = |of: fn(&Agent) -> String| staff().iter().map(of).collect::<BTreeSet<String>>().len();
        assert_eq!(distinct(|agent| agent.id.to_string()), 6 * 90);
        assert_eq!(distinct(|agent| agent.name.clone()), 6 * 90);
        assert_eq!(distinct(|agent| agent.dni.clone()), 6 * 90);
    }

    #[test]
    fn every_document_is_in_the_fictitious_block() {
        for agent in staff() {
            assert!(agent.dni.starts_with("990000") && agent.dni.len() == 10, "{agent:?}");
        }
    }
}
