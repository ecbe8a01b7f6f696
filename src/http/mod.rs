//! The web server: `/metrics` for Prometheus, `/` and `/config` for people, `/-/healthy` and `/-/ready` for health
//! checks, `/-/reload`.
//!
//! Routes, content negotiation, limits and the landing page belong here. The content of the metrics belongs to
//! [`crate::metrics`].

mod configuration;
mod connections;
#[cfg(test)]
mod fixture;
mod landing;
mod lifecycle;
mod negotiation;
mod path;
mod route_prefix;
mod router;
mod scrape;
mod scrape_limit;
mod server;
mod state;

pub use configuration::Configuration;
pub use connections::Connections;
pub use path::{InvalidPath, TelemetryPath};
pub use route_prefix::{ExternalUrl, InvalidExternalUrl, InvalidRoutePrefix, RoutePrefix};
pub use router::router;
pub use scrape_limit::ScrapeLimit;
pub use server::serve;
pub use state::AppState;
