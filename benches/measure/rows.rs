//! A report whose rows have different figures, so that a page is compressed as in real life.

use crate::support::long_answer::{LongAnswer, REPORTS};

/// Dialled numbers, each with other calls, levels and waits.
pub(crate) const VARIED_NUMBERS: LongAnswer = REPORTS[1].with_rows(|n, _| varied_number(n));

/// The row of the number `n`.
fn varied_number(n: usize) -> String {
    let inbound = 1 + n * 7 % 997;
    let answered = inbound - inbound * (n % 13) / 100;
    let abandoned = inbound - answered;
    let share = |part: usize| format!("{:.2} %", part as f64 * 100.0 / inbound as f64);
    let level = |tenths: usize| share(answered * tenths / 10);
    format!(
        r#"{{"dnis": "60155{n:05}", "inbound_calls": "{inbound}", "answer_calls": "{answered}", "abandon_calls": "{abandoned}",
        "service_level_10seg": "{}", "service_level_20seg": "{}", "service_level_30seg": "{}",
        "abandon": "{}", "asa": "{}.{}", "ata": "00:{:02}:{:02}"}}"#,
        level(7),
        level(8),
        level(9),
        share(abandoned),
        3 + n % 41,
        n % 10,
        n % 5,
        n % 60
    )
}
