//! The answers that carry no rows, with status and message as wolkvox words them.

use serde_json::{Value, json};

use super::JsonResponse;

/// Why there are no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoSuchApi,
    ParametersRequired,
    /// The operation does not pay for the gamification service.
    NoGamification,
    TokenMissing,
    TokenInvalid,
    QuotaUsed,
    ConcurrentRequests,
    Maintenance,
    /// Not an error, though it looks like one: nothing happened in the window.
    NoRows,
}

impl Refusal {
    /// HTTP status, which is the envelope's `code` too, and message. The status_and_message of the missing header, of
    /// the missing service and of the maintenance is ours: the vendor documents at most the status.
    const fn status_and_message(self) -> (u16, &'static str) {
        match self {
            Self::NoSuchApi => (400, "THE API YOU WANT TO CONSULT DOES NOT EXIST"),
            Self::ParametersRequired => (400, "SOME PARAMETERS ARE REQUIRED"),
            Self::NoGamification => (400, "THE OPERATION DOES NOT HAVE THE GAMIFICATION SERVICE"),
            Self::TokenMissing => (401, "THE HEADER WOLKVOX-TOKEN IS REQUIRED"),
            Self::TokenInvalid => (403, "PLEASE VALIDATE TOKEN"),
            Self::QuotaUsed => (403, "TOKEN LIMIT EXCEEDED"),
            Self::ConcurrentRequests => (403, "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)"),
            Self::Maintenance => (403, "SERVER IN BACKUP, PLEASE TRY AGAIN LATER"),
            Self::NoRows => (404, "Validate dates entered"),
        }
    }

    /// The whole answer. `data` is `[]`, `null` or missing, as different answers of wolkvox have it.
    pub(crate) fn response(self) -> JsonResponse {
        let (status, message) = self.status_and_message();
        let mut envelope = json!({"code": status.to_string(), "error": "error", "msg": message});
        match self {
            Self::NoRows => envelope["data"] = json!([]),
            Self::NoSuchApi | Self::ParametersRequired | Self::NoGamification => envelope["data"] = Value::Null,
            _ => {}
        }
        JsonResponse { status, body: envelope.to_string() }
    }
}
