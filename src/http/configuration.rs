//! The configuration of the running exporter, as the pages about it need it.

use std::fmt;

use futures_util::future::BoxFuture;

/// The configuration of the running exporter.
pub trait Configuration: fmt::Debug + Send + Sync {
    /// The configuration in use as YAML. It contains no secret.
    fn text(&self) -> String;

    /// Reads the configuration again and applies it; says what has changed. If it is not valid, the previous one stays in
    /// use, and the error is the reason. The reload goes on if the future is dropped.
    fn reload(&self) -> BoxFuture<'static, Result<String, String>>;
}
