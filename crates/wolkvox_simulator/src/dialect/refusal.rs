//! Responses without rows, with the status and the message that wolkvox uses.

use serde_json::{Value, json};

use super::JsonResponse;

/// Why a response has no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoSuchApi,
    ParametersRequired,
    /// The operation has no gamification service.
    NoGamification,
    TokenMissing,
    TokenInvalid,
    QuotaUsed,
    ConcurrentRequests,
    Maintenance,
    /// Not an error, although it looks like one: the window contains no events.
    NoRows,
}

impl Refusal {
    /// The HTTP status (also the `code` of the envelope) and the message. The vendor documents at most the status of
    /// the missing header, the missing service and the maintenance; those messages are invented.
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

    /// The response. `data` is `[]`, `null` or missing, because wolkvox's responses differ in it.
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
