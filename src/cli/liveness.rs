//! Whether the exporter works, for the watchdog of a service manager.

use crate::metrics::Page;
use crate::model::SnapshotStore;

/// Whether the page of metrics follows the snapshots.
pub(super) struct Liveness<'a> {
    page: &'a Page,
    store: &'a SnapshotStore,
    /// The renderings that had ended at the last check, if the page lacked a change then.
    behind_after: Option<u64>,
}

impl<'a> Liveness<'a> {
    pub(super) fn new(page: &'a Page, store: &'a SnapshotStore) -> Self {
        Self { page, store, behind_after: None }
    }

    /// False if a change waits to be rendered since the last check or longer, and no rendering has ended in that time. A
    /// rendering that failed counts as well, because a restart would not help.
    pub(super) fn check(&mut self) -> bool {
        let renderings = self.page.renderings();
        if self.page.is_of(&self.store.current()) {
            self.behind_after = None;
            return true;
        }
        self.behind_after.replace(renderings) != Some(renderings)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::clock::Clock;
    use crate::metrics::ExporterInfo;
    use crate::model::{Quota, Snapshot, Targets};

    fn clock() -> Clock {
        Clock::manual("2026-11-03T10:00:00-05:00".parse().unwrap())
    }

    fn snapshot() -> Snapshot {
        Snapshot {
            operation: "norte".into(),
            timezone: TimeZone::UTC,
            targets: Arc::new(Targets::default()),
            quota: Quota {
                limit: None,
                used: 0,
                date: jiff::civil::date(2026, 11, 3),
                day_ends: clock().instant() + Duration::from_secs(3600),
            },
            collectors: vec![],
            endpoints: vec![],
            reports: vec![],
        }
    }

    fn page_and_store() -> (Arc<Page>, Arc<SnapshotStore>) {
        let store = Arc::new(SnapshotStore::new(vec![snapshot()]));
        let info = Arc::new(ExporterInfo::started(clock().wall()));
        (Arc::new(Page::new(store.current(), info, clock())), store)
    }

    #[tokio::test(start_paused = true)]
    async fn without_changes_the_page_need_not_be_rendered() {
        let (page, store) = page_and_store();
        let mut liveness = Liveness::new(&page, &store);
        assert_eq!([(); 3].map(|()| liveness.check()), [true; 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_is_not_rendered_until_the_next_check_is_found() {
        let (page, store) = page_and_store();
        let mut liveness = Liveness::new(&page, &store);
        store.publish(snapshot());
        assert!(liveness.check(), "there was no time to render it");
        store.publish(snapshot());
        assert!(!liveness.check());
        assert!(!liveness.check());
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_follows_the_changes_is_alive() {
        let (page, store) = page_and_store();
        let mut liveness = Liveness::new(&page, &store);
        let following = tokio::spawn(Arc::clone(&page).follow(Arc::clone(&store)));
        for _ in 0..5 {
            // One that is rendered before the check, and one that is not.
            store.publish(snapshot());
            tokio::time::sleep(Duration::from_secs(30)).await;
            store.publish(snapshot());
            assert!(liveness.check());
        }
        following.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_follows_again_is_alive_again() {
        let (page, store) = page_and_store();
        let mut liveness = Liveness::new(&page, &store);
        store.publish(snapshot());
        assert!(liveness.check());
        assert!(!liveness.check());
        let following = tokio::spawn(Arc::clone(&page).follow(Arc::clone(&store)));
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert!(liveness.check());
        following.abort();
    }
}
