//! The web server: `/metrics` for Prometheus, `/` for people, `/-/healthy` and `/-/ready` for whoever keeps it running.
//!
//! What belongs here: routes, content negotiation, limits, the landing page. What does not: what a metric is
//! ([`crate::metrics`]) and where values come from.

mod landing;
mod negotiation;
mod path;
mod router;
mod scrape;
mod server;
mod write_timeout;

pub use path::{BadPath, TelemetryPath};
pub use router::{AppState, router};
pub use scrape::ScrapeLimit;
pub use server::serve;
