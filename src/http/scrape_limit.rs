//! A limit for the number of scrapes that are answered at the same time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many scrapes may be answered at the same time.
#[derive(Clone, Debug)]
pub struct ScrapeLimit(Option<Arc<Semaphore>>);

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LimitReached;

impl ScrapeLimit {
    /// At most `limit` scrapes at the same time (`--web.max-requests`); 0 means no limit.
    pub fn at_most(limit: usize) -> Self {
        Self((limit > 0).then(|| Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)))))
    }

    /// A permit for one more scrape, to be dropped at its end; `None` if there is no limit.
    pub(super) fn acquire(&self) -> Result<Option<OwnedSemaphorePermit>, LimitReached> {
        let permit = self.0.as_ref().map(|permits| Arc::clone(permits).try_acquire_owned());
        permit.transpose().map_err(|_| LimitReached)
    }

    /// The same, but waits until a permit is free.
    pub(super) async fn wait(&self) -> Result<Option<OwnedSemaphorePermit>, LimitReached> {
        match &self.0 {
            Some(permits) => Arc::clone(permits).acquire_owned().await.map(Some).map_err(|_| LimitReached),
            None => Ok(None),
        }
    }
}
