//! What the user wrote, and what the program may rely on.
//!
//! `raw` is the file as written (serde, unknown keys refused, every value with its line); [`checked`] is what the rest of
//! the program sees. Whatever can be wrong with a configuration is found on the way from one to the other, never later.

pub mod checked;
mod raw;

pub use checked::{
    Cadence, Config, DnisMask, DnisSettings, Enabled, Operation, SkillSelection, SkillsSettings, Token, Window,
    WindowSpan,
};
