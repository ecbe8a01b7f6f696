//! The simulated operation: its skills, the behaviour of its callers and agents, the dialled numbers and the menus.
//!
//! Every name is invented. The numbers lie in a block that is not assigned to anyone.

/// A group of agents with one queue, and its callers.
#[derive(Clone, Debug)]
pub struct Skill {
    /// The identification in wolkvox.
    pub id: u32,
    /// The name as wolkvox sends it.
    pub name: &'static str,
    /// Calls of an ordinary weekday; 0 for a closed skill.
    pub calls_a_day: f64,
    /// Mean time that an agent is busy with an answered call, including after-call work, seconds.
    pub handling_seconds: f64,
    /// Mean patience of callers who do not hang up at once, seconds.
    pub patience_seconds: f64,
    /// Share of callers who hang up at once.
    pub instant_hang_ups: f64,
    /// The numbers that lead to this skill, the most dialled one first.
    pub numbers: Vec<String>,
    /// The extension of the first agent; the other agents have the following ones.
    pub first_extension: u32,
    /// The menu options that lead to this skill; empty if callers reach it without a menu.
    pub menu_options: &'static [MenuOption],
}

/// A menu option that leads to a skill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MenuOption {
    /// The routing point of the menu, `rp_id` in wolkvox.
    pub routing_point: u32,
    /// The option as `cod_opc_menu` names it.
    pub option: &'static str,
    /// How often the option is chosen, relative to the other options of the skill.
    pub weight: f64,
}

/// Id, name, calls a day, handling time, patience, share of instant hang-ups, number of dialled numbers.
type SkillRow = (u32, &'static str, f64, f64, f64, f64, u16);

const SKILLS: [SkillRow; 6] = [
    (4173, "Ventas Móvil", 1200.0, 330.0, 150.0, 0.020, 10),
    (4180, "Atención  al Cliente", 2400.0, 260.0, 165.0, 0.020, 12),
    (4187, "Señal y Daños \"Hogar\"", 600.0, 300.0, 165.0, 0.015, 8),
    (4192, "Retención y Fidelización", 250.0, 420.0, 180.0, 0.015, 7),
    (4205, "Empresas Año Ñandú", 80.0, 440.0, 180.0, 0.015, 6),
    (4211, "Campaña Navideña", 0.0, 300.0, 150.0, 0.020, 6),
];

/// Numbers reserved for each skill in the block.
const NUMBERS_A_SKILL: u16 = 12;

/// The routing points of the operation: the main menu, the menu for customers, the menu of the sales campaign.
const MAIN: u32 = 7001;
const CUSTOMERS: u32 = 7002;
const SALES: u32 = 7003;

/// The menu options of each skill, in the order of [`SKILLS`].
const MENU_OPTIONS: [&[MenuOption]; 6] = [
    &[
        option(MAIN, "1", 3.0),
        option(SALES, "1", 5.0),
        option(SALES, "2", 2.0),
        option(SALES, "Hablar con asesor", 1.0),
    ],
    &[
        option(MAIN, "2", 4.0),
        option(MAIN, "0", 1.5),
        option(CUSTOMERS, "1", 3.0),
        option(CUSTOMERS, "7", 1.0),
        option(CUSTOMERS, "Hablar con asesor", 0.8),
    ],
    &[option(MAIN, "3", 3.0), option(CUSTOMERS, "2", 2.0)],
    &[option(MAIN, "4", 3.0), option(CUSTOMERS, "6", 1.0)],
    &[option(MAIN, "5", 1.0)],
    &[],
];

/// Options that lead to no agent, because a recorded answer is all that the caller wanted.
pub(super) const SELF_SERVICE: [MenuOption; 3] =
    [option(MAIN, "8", 2.0), option(CUSTOMERS, "9", 2.0), option(CUSTOMERS, "Volver al menú", 1.0)];

/// The extension of the operation's first agent.
pub(super) const FIRST_EXTENSION: u32 = 12_001;
/// Extensions reserved for each skill: more than it can need.
const EXTENSIONS_A_SKILL: u32 = 500;

const fn option(routing_point: u32, option: &'static str, weight: f64) -> MenuOption {
    MenuOption { routing_point, option, weight }
}

/// The operation of the demo: six skills, one of them closed. The third most dialled number of the sales skill also
/// leads to customer service, as the main number of a company does.
pub fn demo() -> Vec<Skill> {
    let mut skills: Vec<Skill> = (0u16..).zip(SKILLS).map(|(index, row)| skill(index, row)).collect();
    let main_line = skills[1].numbers[2].clone();
    skills[0].numbers[2] = main_line;
    skills
}

fn skill(index: u16, row: SkillRow) -> Skill {
    let (id, name, calls_a_day, handling_seconds, patience_seconds, instant_hang_ups, numbers) = row;
    let numbers = (0..numbers).map(|number| dialled(index * NUMBERS_A_SKILL + number)).collect();
    Skill {
        id,
        name,
        calls_a_day,
        handling_seconds,
        patience_seconds,
        instant_hang_ups,
        numbers,
        first_extension: FIRST_EXTENSION + EXTENSIONS_A_SKILL * u32::from(index),
        menu_options: MENU_OPTIONS[usize::from(index)],
    }
}

/// A number in the form that wolkvox sends: country, area, subscriber, without a plus sign.
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

    #[test]
    fn every_digit_is_a_menu_option() {
        let skills = demo();
        let options: Vec<&str> =
            skills.iter().flat_map(|skill| skill.menu_options).chain(&SELF_SERVICE).map(|one| one.option).collect();
        assert!((0..=9).all(|digit| options.contains(&digit.to_string().as_str())), "{options:?}");
    }

    #[test]
    fn a_menu_option_leads_to_one_skill() {
        let skills = demo();
        let mut options: Vec<(u32, &str)> = skills
            .iter()
            .flat_map(|skill| skill.menu_options)
            .chain(&SELF_SERVICE)
            .map(|one| (one.routing_point, one.option))
            .collect();
        let all = options.len();
        options.sort_unstable();
        options.dedup();
        assert_eq!(options.len(), all);
    }
}
