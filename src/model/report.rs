//! Every kind of report there is, in one table.

use super::{AgentsReport, DnisReport, IvrReport, SkillsReport, TransfersReport};

/// What a [`Report`] can hold.
pub trait ReportContent: Sized {
    /// The content of a report of this kind.
    fn of(report: &Report) -> Option<&Self>;
}

macro_rules! reports {
    ($($(#[$doc:meta])* $kind:ident($content:ty),)*) => {
        /// The values of one collector.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Report {
            $($(#[$doc])* $kind($content),)*
        }

        $(impl ReportContent for $content {
            fn of(report: &Report) -> Option<&Self> {
                if let Report::$kind(content) = report { Some(content) } else { None }
            }
        })*
    };
}

reports! {
    /// Skills in real time.
    Skills(SkillsReport),
    /// Calls and service level by DNIS.
    Dnis(DnisReport),
    /// What agents did today.
    AgentsKpi(AgentsReport),
    /// Interactions handed on.
    Transfers(TransfersReport),
    /// What callers chose in the IVR.
    Ivr(IvrReport),
}
