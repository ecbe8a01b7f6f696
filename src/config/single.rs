//! One operation without a file: from `--wolkvox.*` and the environment.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::collectors::{self, CollectorSettings};
use super::errors::{ConfigError, ConfigErrors, InvalidValue, Location};
use super::operation::Operation;
use super::proxy::{self, Proxy};
use super::types::{SkillSelection, Token};
use super::values::{self, DEFAULT_INTERVAL};
use super::{Environment, base_url, token};
use crate::model::{Collector, Target, Targets};

/// The environment variable of the token. There is no flag for it, because other users of the machine can read
/// arguments.
pub(super) const TOKEN_VARIABLE: &str = "WOLKVOX_TOKEN";

/// The values of flags and environment variables for one operation, not yet checked. An empty text is the same as no
/// value.
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
    /// `--wolkvox.skill-id`, which can be repeated.
    pub skill_ids: Vec<String>,
    /// `--wolkvox.base-url`
    pub base_url: Option<String>,
    /// `--poll.interval`
    pub interval: Option<String>,
    /// `--collector.NAME` and `--no-collector.NAME`, only collectors that are switched.
    pub collectors: Vec<(Collector, bool)>,
}

impl SingleOperation {
    /// The flags with a value, without dashes.
    pub(super) fn used_flags(&self) -> Vec<&'static str> {
        let is_set = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
        let flags = [
            ("wolkvox.server", is_set(&self.server)),
            ("wolkvox.token-file", self.token_file().is_some()),
            ("wolkvox.operation", is_set(&self.name)),
            ("wolkvox.timezone", is_set(&self.timezone)),
            ("wolkvox.licenses", is_set(&self.licenses)),
            ("wolkvox.skill-id", self.skill_ids.iter().any(|id| !id.is_empty())),
            ("wolkvox.base-url", is_set(&self.base_url)),
            ("poll.interval", is_set(&self.interval)),
        ];
        flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag).collect()
    }

    fn token_file(&self) -> Option<&Path> {
        self.token_file.as_deref().filter(|path| !path.as_os_str().is_empty())
    }
}

/// Checks the values.
pub(super) fn read(
    flags: &SingleOperation,
    allow_plain_http: bool,
    environment: Environment<'_>,
) -> Result<Operation, ConfigErrors> {
    let mut errors = Errors::default();
    let (server, address) = (flags.server.as_deref(), flags.base_url.as_deref());
    let base_url = match (server.filter(|text| !text.is_empty()), address.filter(|text| !text.is_empty())) {
        (server, Some(address)) => {
            errors.check("wolkvox.server", server, |text| base_url::of_server(text).map(drop));
            errors.check("wolkvox.base-url", Some(address), |text| base_url::parse(text, allow_plain_http))
        }
        (Some(server), None) => errors.check("wolkvox.server", Some(server), base_url::of_server),
        (None, None) => errors.missing("wolkvox.server", "the digits in the name of the server, such as 0010"),
    };
    let name = match (&flags.name, server) {
        (Some(name), _) if !name.is_empty() => errors.check("wolkvox.operation", Some(name), values::name),
        (_, Some(server)) if !server.is_empty() => Some(Arc::from(format!("wv{server}"))),
        _ => base_url.as_ref().and_then(host_and_port),
    };
    let proxy = base_url.as_ref().and_then(|url| errors.proxy(url, environment));
    let token = errors.token(flags.token_file(), environment);
    let timezone = flags.timezone.as_deref();
    let timezone = errors.check_or("wolkvox.timezone", timezone, values::default_timezone, values::timezone);
    let licenses =
        errors.check_or("wolkvox.licenses", flags.licenses.as_deref(), || None, |text| licenses(text).map(Some));
    let interval = flags.interval.as_deref();
    let interval = errors.check_or("poll.interval", interval, || DEFAULT_INTERVAL, values::interval);
    let skill_ids = errors.skill_ids(&flags.skill_ids);
    let collectors = errors.collectors(&flags.collectors, interval, skill_ids);
    let operation = (|| {
        Some(Operation {
            name: name?,
            base_url: base_url?,
            proxy,
            token: token?,
            token_file: flags.token_file().map(Path::to_owned),
            token_variable: flags.token_file().is_none().then(|| Arc::from(TOKEN_VARIABLE)),
            timezone: timezone?,
            licenses: licenses?,
            collectors: collectors?,
            targets: Arc::new(Targets::new(vec![Target::conventional()])),
        })
    })();
    operation.filter(|_| errors.0.is_empty()).ok_or(ConfigErrors::many(errors.0))
}

/// The name of an operation without a configured name and server.
fn host_and_port(base_url: &Url) -> Option<Arc<str>> {
    let host = base_url.host_str()?;
    Some(base_url.port().map_or_else(|| Arc::from(host), |port| Arc::from(format!("{host}:{port}"))))
}

fn licenses(text: &str) -> Result<u32, InvalidValue> {
    let number = text.parse().ok().filter(|number| values::LICENSES.contains(number));
    let (least, most) = values::LICENSES.into_inner();
    number.ok_or_else(|| InvalidValue::new("number", text, format_args!("a whole number from {least} to {most}")))
}

#[derive(Default)]
struct Errors(Vec<ConfigError>);

impl Errors {
    fn error<T>(&mut self, location: Location, message: impl fmt::Display) -> Option<T> {
        self.0.push(ConfigError { location, message: message.to_string() });
        None
    }

    fn missing<T>(&mut self, flag: &'static str, expected: &str) -> Option<T> {
        self.error(Location::Flag(flag), format!("missing value: expected {expected}"))
    }

    fn check<T>(
        &mut self,
        flag: &'static str,
        text: Option<&str>,
        check: impl FnOnce(&str) -> Result<T, InvalidValue>,
    ) -> Option<T> {
        check(text?).map_err(|error| self.error::<T>(Location::Flag(flag), error)).ok()
    }

    fn check_or<T>(
        &mut self,
        flag: &'static str,
        text: Option<&str>,
        default: impl FnOnce() -> T,
        check: impl FnOnce(&str) -> Result<T, InvalidValue>,
    ) -> Option<T> {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => self.check(flag, Some(text), check),
            None => Some(default()),
        }
    }

    fn proxy(&mut self, base_url: &Url, environment: Environment<'_>) -> Option<Proxy> {
        proxy::of(base_url, environment).unwrap_or_else(|error| {
            self.0.push(error);
            None
        })
    }

    fn token(&mut self, file: Option<&Path>, environment: Environment<'_>) -> Option<Token> {
        const FILE: Location = Location::Flag("wolkvox.token-file");
        const VARIABLE: Location = Location::Variable(TOKEN_VARIABLE);
        let variable = environment(TOKEN_VARIABLE).filter(|text| !text.is_empty());
        match (file, variable) {
            (Some(_), Some(_)) => self.error(
                FILE,
                format!("invalid combination: use either --wolkvox.token-file or {TOKEN_VARIABLE}, not both"),
            ),
            (Some(file), None) => {
                let read = token::from_file(file, Path::new(""));
                read.map_err(|error| self.error::<Token>(FILE, error)).ok()
            }
            (None, Some(text)) => {
                let read = token::check(&text, "the environment variable");
                read.map_err(|error| self.error::<Token>(VARIABLE, error)).ok()
            }
            (None, None) => self.error(
                VARIABLE,
                "missing token: set this variable, or name the token file with --wolkvox.token-file (WOLKVOX_TOKEN_FILE)",
            ),
        }
    }

    fn skill_ids(&mut self, ids: &[String]) -> Option<Vec<SkillSelection>> {
        const FLAG: &str = "wolkvox.skill-id";
        let mut all = Vec::new();
        for text in ids.iter().filter(|text| !text.is_empty()) {
            let selection = self.check(FLAG, Some(text), values::skill_selection)?;
            if all.contains(&selection) {
                return self.error(Location::Flag(FLAG), format!("duplicate skill id {text:?}: use it once"));
            }
            all.push(selection);
        }
        if all.is_empty() {
            all.push(SkillSelection::all());
        }
        values::check_selections(&all).map_err(|error| self.error::<()>(Location::Flag(FLAG), error)).ok()?;
        Some(all)
    }

    fn collectors(
        &mut self,
        switched: &[(Collector, bool)],
        interval: Option<Duration>,
        skill_ids: Option<Vec<SkillSelection>>,
    ) -> Option<CollectorSettings> {
        let enabled = collectors::from_flags(switched, interval?, &skill_ids?);
        if enabled.is_none() {
            self.error::<()>(
                Location::Everywhere,
                "invalid collectors: expected at least one that is switched on; use --collector.NAME",
            );
        }
        enabled
    }
}
