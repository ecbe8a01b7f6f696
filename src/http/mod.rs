//! The web server: `/metrics` for Prometheus, `/` and `/config` for people, `/-/healthy` and `/-/ready` for health
//! checks, `/-/reload`.
//!
//! Routes, content negotiation, limits, TLS, passwords and the landing page belong here. The content of the metrics
//! belongs to [`crate::metrics`].

mod access;
mod certificate_names;
mod configuration;
mod connections;
#[cfg(test)]
mod fixture;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod landing;
mod lifecycle;
#[cfg(feature = "measuring")]
pub mod measuring;
mod negotiation;
mod passwords;
mod path;
mod rate_limit;
mod route_prefix;
mod router;
mod scrape;
mod scrape_limit;
mod server;
mod state;
mod tls;
mod transport;
mod web_config;

pub use configuration::Configuration;
pub use connections::Connections;
pub use path::{InvalidPath, TelemetryPath};
pub use route_prefix::{ExternalUrl, InvalidExternalUrl, InvalidRoutePrefix, RoutePrefix};
pub use router::router;
pub use scrape_limit::ScrapeLimit;
pub use server::serve;
pub use state::AppState;
pub use web_config::LiveWebConfig;
