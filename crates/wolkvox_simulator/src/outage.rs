//! The kinds of failure that the API shows one after the other during an outage.

/// One kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The connection is closed without a byte.
    Dropped,
    /// Status 500 with an empty body.
    InternalError,
    /// Status 503 with an HTML page.
    Unavailable,
    /// Status 200, and the connection is closed in the middle of the body.
    CutOff,
    /// Status 200 and a complete HTTP response with only the first half of the document.
    HalfDocument,
    /// Status 403 because the server is in maintenance. The token is valid.
    Maintenance,
}

/// The order in which the failures occur.
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
