//! One operation without a file: from `--wolkvox.*` and the environment.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use super::checked::{Operation, SkillSelection, Token};
use super::collectors::{self, CollectorSettings};
use super::errors::{ConfigError, ConfigErrors, Location};
use super::values::{self, DEFAULT_INTERVAL};
use super::{Environment, base_url, token};
use crate::model::{Collector, Target, Targets};

/// The environment variable of the token; there is no flag for it, arguments are seen by everybody on the machine.
pub(super) const TOKEN_VARIABLE: &str = "WOLKVOX_TOKEN";

/// What flags and environment say about the one operation, as it was written. An empty text counts as not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SingleOperation {
    /// `--wolkvox.server`
    pub server: Option<String>,
    /// `--wolkvox.token-file`; a relative path starts from the working directory.
    pub token_file: Option<PathBuf>,
    /// `--wolkvox.operation`
    pub name: Option<String>,
    /// `--wolkvox.timezone`
    pub timezone: Option<String>,
    /// `--wolkvox.licenses`
    pub licenses: Option<String>,
    /// `--wolkvox.skill-id`, as often as it was given.
    pub skill_ids: Vec<String>,
    /// `--wolkvox.base-url`
    pub base_url: Option<String>,
    /// `--poll.interval`
    pub interval: Option<String>,
    /// `--collector.NAME` and `--no-collector.NAME`, those that were given.
    pub collectors: Vec<(Collector, bool)>,
}

impl SingleOperation {
    /// The flags that were given, without dashes.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let text = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
        let flags = [
            ("wolkvox.server", text(&self.server)),
            ("wolkvox.token-file", self.token_file().is_some()),
            ("wolkvox.operation", text(&self.name)),
            ("wolkvox.timezone", text(&self.timezone)),
            ("wolkvox.licenses", text(&self.licenses)),
            ("wolkvox.skill-id", self.skill_ids.iter().any(|id| !id.is_empty())),
            ("wolkvox.base-url", text(&self.base_url)),
            ("poll.interval", text(&self.interval)),
        ];
        flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag).collect()
    }

    fn token_file(&self) -> Option<&Path> {
        self.token_file.as_deref().filter(|path| !path.as_os_str().is_empty())
    }
}

/// Checks what was given.
pub(super) fn read(
    given: &SingleOperation,
    allow_plain_http: bool,
    environment: Environment<'_>,
) -> Result<Operation, ConfigErrors> {
    let mut findings = Findings::default();
    let (server, address) = (given.server.as_deref(), given.base_url.as_deref());
    let base_url = match (server.filter(|text| !text.is_empty()), address.filter(|text| !text.is_empty())) {
        (server, Some(address)) => {
            findings.check("wolkvox.server", server, |text| base_url::of_server(text).map(drop));
            findings.check("wolkvox.base-url", Some(address), |text| base_url::parse(text, allow_plain_http))
        }
        (Some(server), None) => findings.check("wolkvox.server", Some(server), base_url::of_server),
        (None, None) => findings.missing("wolkvox.server", "the digits in the name of the server, such as 0010"),
    };
    let name = match (&given.name, server) {
        (Some(name), _) if !name.is_empty() => findings.check("wolkvox.operation", Some(name), values::name),
        (_, Some(server)) if !server.is_empty() => Some(Arc::from(format!("wv{server}"))),
        _ => base_url.as_ref().and_then(host_and_port),
    };
    let token = findings.token(given.token_file(), environment);
    let timezone = given.timezone.as_deref();
    let timezone = findings.check_or("wolkvox.timezone", timezone, values::default_timezone, values::timezone);
    let licenses =
        findings.check_or("wolkvox.licenses", given.licenses.as_deref(), || None, |text| licenses(text).map(Some));
    let interval = given.interval.as_deref();
    let interval = findings.check_or("poll.interval", interval, || DEFAULT_INTERVAL, values::interval);
    let skill_ids = findings.skill_ids(&given.skill_ids);
    let collectors = findings.collectors(&given.collectors, interval, skill_ids);
    let operation = (|| {
        Some(Operation {
            name: name?,
            base_url: base_url?,
            token: token?,
            timezone: timezone?,
            licenses: licenses?,
            collectors: collectors?,
            targets: Arc::new(Targets::new(vec![Target::conventional()])),
        })
    })();
    operation.filter(|_| findings.0.is_empty()).ok_or(ConfigErrors::many(findings.0))
}

/// What an operation is called that has neither a name nor a server.
fn host_and_port(base_url: &Url) -> Option<Arc<str>> {
    let host = base_url.host_str()?;
    Some(base_url.port().map_or_else(|| Arc::from(host), |port| Arc::from(format!("{host}:{port}"))))
}

fn licenses(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| values::LICENSES.contains(number));
    let (least, most) = values::LICENSES.into_inner();
    number.ok_or_else(|| format!("{text:?} is out of range: a whole number from {least} to {most} is right"))
}

#[derive(Default)]
struct Findings(Vec<ConfigError>);

impl Findings {
    fn error<T>(&mut self, location: Location, message: impl Into<String>) -> Option<T> {
        self.0.push(ConfigError { location, message: message.into() });
        None
    }

    fn missing<T>(&mut self, flag: &'static str, what: &str) -> Option<T> {
        self.error(Location::Flag(flag), format!("is missing: {what}"))
    }

    fn check<T>(
        &mut self,
        flag: &'static str,
        text: Option<&str>,
        check: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        check(text?).map_err(|message| self.error::<T>(Location::Flag(flag), message)).ok()
    }

    fn check_or<T>(
        &mut self,
        flag: &'static str,
        text: Option<&str>,
        default: impl FnOnce() -> T,
        check: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => self.check(flag, Some(text), check),
            None => Some(default()),
        }
    }

    fn token(&mut self, file: Option<&Path>, environment: Environment<'_>) -> Option<Token> {
        const FILE: Location = Location::Flag("wolkvox.token-file");
        const VARIABLE: Location = Location::Variable(TOKEN_VARIABLE);
        let variable = environment(TOKEN_VARIABLE).filter(|text| !text.is_empty());
        match (file, variable) {
            (Some(_), Some(_)) => self.error(FILE, format!("{TOKEN_VARIABLE} is set too: one of the two is right")),
            (Some(file), None) => {
                let read = token::from_file(file, Path::new(""));
                read.map_err(|message| self.error::<Token>(FILE, message)).ok()
            }
            (None, Some(text)) => {
                let read = token::check(&text, "the environment variable");
                read.map_err(|message| self.error::<Token>(VARIABLE, message)).ok()
            }
            (None, None) => self.error(
                VARIABLE,
                "is missing: set it to the token, or name the token's file with --wolkvox.token-file (WOLKVOX_TOKEN_FILE)",
            ),
        }
    }

    fn skill_ids(&mut self, given: &[String]) -> Option<Vec<SkillSelection>> {
        const FLAG: &str = "wolkvox.skill-id";
        let mut all = Vec::new();
        for text in given.iter().filter(|text| !text.is_empty()) {
            let selection = self.check(FLAG, Some(text), values::skill_selection)?;
            if all.contains(&selection) {
                return self.error(Location::Flag(FLAG), format!("{text} is given twice: once is right"));
            }
            all.push(selection);
        }
        if all.is_empty() {
            all.push(SkillSelection::all());
        }
        values::selections(&all).map_err(|message| self.error::<()>(Location::Flag(FLAG), message)).ok()?;
        Some(all)
    }

    fn collectors(
        &mut self,
        switched: &[(Collector, bool)],
        interval: Option<Duration>,
        skill_ids: Option<Vec<SkillSelection>>,
    ) -> Option<CollectorSettings> {
        let enabled = collectors::by_flags(switched, interval?, &skill_ids?);
        if enabled.is_none() {
            self.error::<()>(
                Location::Everywhere,
                "every collector is switched off: leave one on with --collector.NAME",
            );
        }
        enabled
    }
}
