//! Compares the passwords of requests with the users of the web configuration.
//!
//! A comparison with a bcrypt hash takes tens of milliseconds of a processor, on purpose. Therefore passwords that were
//! right are remembered, and only a few comparisons are made or wait at the same time: users who are remembered are
//! served also while somebody tries many passwords.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use rustls::crypto::ring;
use tokio::sync::Semaphore;

use crate::config::web::BasicAuthUsers;

/// Passwords that are remembered. A few scrapers are usual.
const REMEMBERED: usize = 256;

/// Requests that wait for a comparison. With ten comparisons a second, the last of them waits a few seconds.
const LONGEST_QUEUE: usize = 32;

/// Comparisons with wrong and right passwords, and the passwords that were right.
pub(super) struct Passwords {
    /// The key of the hashes below. It is made at the start and never leaves the process.
    key: [u8; blake3::KEY_LEN],
    /// Keyed hashes of user, password hash and password, the most recently used last.
    right: Mutex<VecDeque<blake3::Hash>>,
    comparisons: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The password is right.
    Accepted,
    /// User or password are wrong or missing.
    Refused,
    /// Too many others wait.
    Busy,
}

struct Credentials {
    user: String,
    password: Vec<u8>,
}

impl Passwords {
    /// Remembers no password yet. An error if the system has no random numbers.
    pub(super) fn new() -> Result<Self, String> {
        let mut key = [0; blake3::KEY_LEN];
        let random = ring::default_provider().secure_random;
        random.fill(&mut key).map_err(|_| "the system has no random numbers".to_owned())?;
        // Half of the processors stay free for scrapes.
        let comparisons = std::thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2));
        Ok(Self {
            key,
            right: Mutex::default(),
            comparisons: Arc::new(Semaphore::new(comparisons)),
            queue: Arc::new(Semaphore::new(comparisons + LONGEST_QUEUE)),
        })
    }

    /// Compares the password of a request.
    pub(super) async fn check(&self, users: &BasicAuthUsers, headers: &HeaderMap) -> Verdict {
        let Some(credentials) = credentials(headers) else { return Verdict::Refused };
        let known = users.hash_of(&credentials.user);
        // An unknown user takes as long as a known one, so that the time does not tell which users exist.
        let Some(hash) = known.or_else(|| users.slowest()) else { return Verdict::Refused };
        let entry = self.entry(&credentials, hash.expose());
        if known.is_some() && self.is_remembered(&entry) {
            return Verdict::Accepted;
        }
        let Ok(place) = Arc::clone(&self.queue).try_acquire_owned() else { return Verdict::Busy };
        let Ok(permit) = Arc::clone(&self.comparisons).acquire_owned().await else { return Verdict::Busy };
        // Several requests with the same new password may have waited.
        if known.is_some() && self.is_remembered(&entry) {
            return Verdict::Accepted;
        }
        let hash = hash.clone();
        let comparison = tokio::task::spawn_blocking(move || {
            // Also if the client has gone, the comparison goes on and needs its place.
            let _held = (place, permit);
            bcrypt::verify(&credentials.password, hash.expose()).unwrap_or(false)
        });
        // An error means that it panicked.
        let is_right = comparison.await.unwrap_or(false);
        if known.is_some() && is_right {
            self.remember(entry);
            return Verdict::Accepted;
        }
        Verdict::Refused
    }

    fn entry(&self, credentials: &Credentials, hash: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        for part in [credentials.user.as_bytes(), hash.as_bytes(), &credentials.password] {
            // With the lengths, no two triples are the same text.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize()
    }

    fn is_remembered(&self, entry: &blake3::Hash) -> bool {
        let mut right = self.right.lock();
        let Some(index) = right.iter().position(|known| known == entry) else { return false };
        if let Some(entry) = right.remove(index) {
            right.push_back(entry);
        }
        true
    }

    fn remember(&self, entry: blake3::Hash) {
        let mut right = self.right.lock();
        if right.len() >= REMEMBERED {
            right.pop_front();
        }
        right.push_back(entry);
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

/// User and password of a request; `None` if it has none.
fn credentials(headers: &HeaderMap) -> Option<Credentials> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, rest) = value.split_at_checked("Basic ".len())?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let decoded = STANDARD.decode(rest).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let user = String::from_utf8(decoded[..colon].to_vec()).ok()?;
    Some(Credentials { user, password: decoded[colon + 1..].to_vec() })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::config::web;

    /// The lowest cost, because the tests are not optimized.
    fn hash(password: &str) -> String {
        bcrypt::hash_with_salt(password, 4, [7; 16]).unwrap().to_string()
    }

    fn users(text: &str) -> BasicAuthUsers {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("web.yml");
        std::fs::write(&file, text).unwrap();
        web::read(&file).config.unwrap_or_else(|errors| panic!("{errors}")).users
    }

    fn ana() -> BasicAuthUsers {
        users(&format!("basic_auth_users: {{ana: '{}', luis: '{}'}}", hash("secreto"), hash("otro")))
    }

    fn basic(user_and_password: &str) -> HeaderMap {
        header(&format!("Basic {}", STANDARD.encode(user_and_password)))
    }

    fn header(value: &str) -> HeaderMap {
        [(AUTHORIZATION, HeaderValue::from_str(value).unwrap())].into_iter().collect()
    }

    #[tokio::test]
    async fn only_the_password_of_the_user_is_accepted() {
        let (passwords, users) = (Passwords::new().unwrap(), ana());
        for _ in 0..2 {
            for (credentials, verdict) in [
                ("ana:secreto", Verdict::Accepted),
                ("luis:otro", Verdict::Accepted),
                ("ana:otro", Verdict::Refused),
                ("ana:", Verdict::Refused),
                ("ana", Verdict::Refused),
                ("otra:secreto", Verdict::Refused),
                ("otra:otro", Verdict::Refused),
                (":secreto", Verdict::Refused),
            ] {
                assert_eq!(passwords.check(&users, &basic(credentials)).await, verdict, "{credentials}");
            }
        }
    }

    #[tokio::test]
    async fn the_header_is_read_as_other_servers_read_it() {
        let (passwords, users) = (Passwords::new().unwrap(), ana());
        let encoded = STANDARD.encode("ana:secreto");
        for (value, verdict) in [
            (format!("basic {encoded}"), Verdict::Accepted),
            (format!("BASIC {encoded}"), Verdict::Accepted),
            (format!("Bearer {encoded}"), Verdict::Refused),
            (format!("Basic{encoded}"), Verdict::Refused),
            (encoded.clone(), Verdict::Refused),
            ("Basic ".to_owned(), Verdict::Refused),
            ("Basic %%%".to_owned(), Verdict::Refused),
        ] {
            assert_eq!(passwords.check(&users, &header(&value)).await, verdict, "{value}");
        }
        assert_eq!(passwords.check(&users, &HeaderMap::new()).await, Verdict::Refused);
    }

    #[tokio::test]
    async fn every_version_of_bcrypt_is_accepted_and_passwords_are_cut_as_bcrypt_does() {
        let passwords = Passwords::new().unwrap();
        let parts = bcrypt::hash_with_salt("secreto", 4, [9; 16]).unwrap();
        for version in [bcrypt::Version::TwoA, bcrypt::Version::TwoB, bcrypt::Version::TwoY] {
            let users = users(&format!("basic_auth_users: {{ana: '{}'}}", parts.format_for_version(version)));
            assert_eq!(passwords.check(&users, &basic("ana:secreto")).await, Verdict::Accepted);
        }
        let long = "x".repeat(72);
        let users = users(&format!("basic_auth_users: {{ana: '{}'}}", hash(&long)));
        assert_eq!(passwords.check(&users, &basic(&format!("ana:{long}rest"))).await, Verdict::Accepted);
    }

    #[tokio::test]
    async fn a_new_hash_ends_what_is_remembered() {
        let passwords = Passwords::new().unwrap();
        assert_eq!(passwords.check(&ana(), &basic("ana:secreto")).await, Verdict::Accepted);
        let changed = users(&format!("basic_auth_users: {{ana: '{}'}}", hash("nuevo")));
        assert_eq!(passwords.check(&changed, &basic("ana:secreto")).await, Verdict::Refused);
        assert_eq!(passwords.check(&changed, &basic("ana:nuevo")).await, Verdict::Accepted);
    }

    #[tokio::test]
    async fn a_remembered_user_does_not_wait_and_the_queue_has_an_end() {
        let (passwords, users) = (Passwords::new().unwrap(), ana());
        assert_eq!(passwords.check(&users, &basic("ana:secreto")).await, Verdict::Accepted);
        let all = passwords.queue.available_permits() as u32;
        let held = Arc::clone(&passwords.queue).acquire_many_owned(all).await.unwrap();
        assert_eq!(passwords.check(&users, &basic("luis:otro")).await, Verdict::Busy);
        assert_eq!(passwords.check(&users, &basic("ana:secreto")).await, Verdict::Accepted);
        drop(held);
        assert_eq!(passwords.check(&users, &basic("luis:otro")).await, Verdict::Accepted);
    }

    #[tokio::test]
    async fn the_number_of_remembered_passwords_has_a_limit() {
        let passwords = Passwords::new().unwrap();
        for number in 0..REMEMBERED + 10 {
            passwords.remember(blake3::hash(&number.to_le_bytes()));
        }
        assert_eq!(passwords.right.lock().len(), REMEMBERED);
    }
}
