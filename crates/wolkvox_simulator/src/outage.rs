//! The ways in which the API fails while it is down, one after the other.

/// One way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The connection is closed without a byte.
    Dropped,
    /// Status 500 with an empty body.
    InternalError,
    /// Status 503 with a page for people.
    Unavailable,
    /// Status 200, and the connection is closed in the middle of the body.
    CutOff,
    /// Status 200 and a well-formed HTTP answer with the first half of the document.
    HalfDocument,
    /// Status 403, but the server is in maintenance and the token is fine.
    Maintenance,
}

/// The order in which failures come.
pub(crate) const FAILURE_ORDER: [Failure; 6] = [
    Failure::Dropped,
    Failure::InternalError,
    Failure::Unavailable,
    Failure::CutOff,
    Failure::Maintenance,
    Failure::HalfDocument,
];

/// The page of [`Failure::Unavailable`].
pub(crate) const UNAVAILABLE_PAGE: &str = "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n\
    <title>503 Service Unavailable</title>\n</head><body>\n<h1>Service Unavailable</h1>\n<p>The server is temporarily \
    unable to service your request due to maintenance downtime or capacity problems.</p>\n</body></html>\n";
