//! The web server: `/metrics` for Prometheus, `/` for people, `/-/healthy` and `/-/ready` for whoever keeps it running.
//!
//! What belongs here: routes, content negotiation, limits, the landing page. What does not: what a metric is
//! ([`crate::metrics`]) and where values come from.

mod landing;
mod negotiation;
mod path;
mod patience;
mod router;
mod scrape;
mod server;

pub use path::{BadPath, TelemetryPath};
pub use router::{App, router};
pub use scrape::Scrapes;
pub use server::serve;
