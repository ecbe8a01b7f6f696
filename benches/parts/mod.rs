//! Parts of the exporter that `benches/times` and `benches/instructions` measure alone.
//!
//! A part is made in three steps, of which only the last one is measured: its input is loaded once, a run is set up, and
//! the run is made.
#![allow(dead_code, reason = "the instructions of scrapes cannot be counted")]

mod counters;
mod pages;
mod polls;
mod requests;
mod values;

/// Makes the run and returns a result, so that the compiler cannot leave the work out.
pub(crate) type Run = Box<dyn FnOnce() -> usize>;

/// Makes what one run uses up.
pub(crate) type Setup = Box<dyn Fn() -> Run>;

/// A part that is measured.
pub(crate) struct Part {
    /// Its name in the tables.
    pub(crate) name: String,
    /// What it works on: rows, series, texts.
    pub(crate) things: &'static str,
    /// How many of them.
    pub(crate) count: usize,
    /// Loads its input.
    pub(crate) load: Box<dyn Fn() -> Setup>,
}

impl Part {
    fn new(name: String, things: &'static str, count: usize, load: impl Fn() -> Setup + 'static) -> Self {
        Self { name, things, count, load: Box::new(load) }
    }

    /// Whether its name contains one of these words, or there are no words.
    pub(crate) fn has(&self, words: &[String]) -> bool {
        words.is_empty() || words.iter().any(|word| self.name.contains(word.as_str()))
    }
}

/// The parts whose instructions can be counted, in the order of the tables.
pub(crate) fn counted() -> impl Iterator<Item = Part> {
    let parts = polls::parts().chain(values::parts()).chain(counters::parts());
    parts.chain(pages::parts()).chain(requests::parts())
}

/// The parts whose time can be measured.
pub(crate) fn timed() -> impl Iterator<Item = Part> {
    counted().chain(pages::scrapes())
}
