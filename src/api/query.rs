//! The queries to wolkvox.

use std::borrow::Cow;

/// One report: a PHP file and the value of `api=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The file below `/api/v2/`, `real_time.php`.
    pub file: &'static str,
    /// wolkvox's name of the report, `skills`; also the label `endpoint`.
    pub api: &'static str,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The report.
    pub endpoint: Endpoint,
    /// Its parameters besides `api`, in the vendor's order.
    pub parameters: Vec<(&'static str, Cow<'static, str>)>,
}

impl Query {
    /// A call without parameters.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, parameters: Vec::new() }
    }

    /// The same call with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }
}
