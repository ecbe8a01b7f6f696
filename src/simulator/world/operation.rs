//! The simulated operation: its skills, how its callers and agents behave, and the numbers people dial.
//!
//! Every name is invented, every number lies in a block that no one can be called on.

/// A group of agents with one queue, and those who call it.
#[derive(Clone, Debug)]
pub struct Skill {
    /// wolkvox's identification.
    pub id: u32,
    /// The name as wolkvox would send it.
    pub name: &'static str,
    /// Calls of an ordinary weekday; 0 for a skill that is closed.
    pub calls_a_day: f64,
    /// Mean time an agent is busy with a call once it is answered, after-call work included, seconds.
    pub handling_seconds: f64,
    /// Mean patience of those who do not hang up at once, seconds.
    pub patience_seconds: f64,
    /// Share of callers who hang up at once.
    pub instant_hang_ups: f64,
    /// The numbers that lead here, the most dialled first.
    pub numbers: Vec<String>,
}

/// Id, name, calls a day, handling time, patience, instant hang-ups, how many numbers.
type Line = (u32, &'static str, f64, f64, f64, f64, u16);

const SKILLS: [Line; 6] = [
    (4173, "Ventas Móvil", 1200.0, 330.0, 150.0, 0.020, 10),
    (4180, "Atención  al Cliente", 2400.0, 260.0, 165.0, 0.020, 12),
    (4187, "Señal y Daños \"Hogar\"", 600.0, 300.0, 165.0, 0.015, 8),
    (4192, "Retención y Fidelización", 250.0, 420.0, 180.0, 0.015, 7),
    (4205, "Empresas Año Ñandú", 80.0, 440.0, 180.0, 0.015, 6),
    (4211, "Campaña Navideña", 0.0, 300.0, 150.0, 0.020, 6),
];

/// Numbers reserved for each skill in the block.
const NUMBERS_A_SKILL: u16 = 12;

/// The operation of the demo: six skills, one of them closed. The third most dialled number of the sales skill leads to
/// the customer service as well, as a main line does.
pub fn demo() -> Vec<Skill> {
    let mut skills: Vec<Skill> = (0u16..).zip(SKILLS).map(|(index, line)| skill(index, line)).collect();
    let main_line = skills[1].numbers[2].clone();
    skills[0].numbers[2] = main_line;
    skills
}

fn skill(index: u16, line: Line) -> Skill {
    let (id, name, calls_a_day, handling_seconds, patience_seconds, instant_hang_ups, numbers) = line;
    let numbers = (0..numbers).map(|number| dialled(index * NUMBERS_A_SKILL + number)).collect();
    Skill { id, name, calls_a_day, handling_seconds, patience_seconds, instant_hang_ups, numbers }
}

/// A number in the form that wolkvox sends: country, area, subscriber, no plus sign.
fn dialled(number: u16) -> String {
    format!("576015550{:03}", 100 + number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_in_the_fictitious_block() {
        for number in demo().iter().flat_map(|skill| &skill.numbers) {
            assert!(number.starts_with("5760155501") && number.len() == 12, "{number}");
        }
    }

    #[test]
    fn ids_are_unique() {
        let mut ids: Vec<u32> = demo().iter().map(|skill| skill.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), SKILLS.len());
    }
}
