//! Messages to the service manager that started the exporter: systemd, or another program that sets `NOTIFY_SOCKET`.
//!
//! The exporter is ready when it listens, because users of systemd expect that and because the first polls may take
//! minutes. `/-/ready` is for those who wait for figures. Without `NOTIFY_SOCKET` nothing is sent.

use std::convert::Infallible;
use std::env;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::Semaphore;
use tokio::task::{self, JoinHandle};
use tokio::time;

use super::liveness::Liveness;
use crate::metrics::Page;
use crate::model::{Snapshot, SnapshotStore};

/// The shortest time between two texts of the status, so that many polls do not cause many messages.
const STATUS_PAUSE: Duration = Duration::from_secs(5);

/// The longest wait for a service manager that does not read its socket. The exporter must start without it, and stop
/// within 5 s, of which responses in progress may take 4 s.
const SEND_TIMEOUT: Duration = Duration::from_millis(500);

/// Reports that the exporter listens, and how many operations are up.
pub(super) async fn listening(store: &SnapshotStore) {
    notify(format!("READY=1\nSTATUS={}", status(&store.current()))).await;
}

/// Reports that a reload of the configuration begins. systemd waits for [`reloaded`].
pub(super) async fn reloading() {
    let mut message = NotifyState::Reloading.to_string();
    // systemd 253 and newer compare the time with that of their request.
    match NotifyState::monotonic_usec_now() {
        Ok(time) => message = format!("{message}\n{time}"),
        Err(error) => tracing::debug!(%error, "the monotonic clock cannot be read"),
    }
    notify(message).await;
}

/// Reports that the reload has ended, also if the previous configuration stays in use.
pub(super) async fn reloaded(store: &SnapshotStore) {
    listening(store).await;
}

/// Reports that the exporter stops.
pub(super) async fn stopping() {
    notify("STOPPING=1".to_owned()).await;
}

/// Reports how many operations are up after each change, and to the watchdog that the exporter works. Runs until it is
/// dropped. The future must be polled by the task that accepts connections, because the watchdog then covers it too.
pub(super) async fn report(page: &Page, store: &SnapshotStore, follower: &JoinHandle<Infallible>) -> Infallible {
    if env::var_os("NOTIFY_SOCKET").is_none() {
        return std::future::pending().await;
    }
    tokio::select! {
        never = report_status(store) => never,
        never = report_alive(page, store, follower) => never,
    }
}

async fn report_status(store: &SnapshotStore) -> Infallible {
    let mut changes = store.subscribe();
    // The first poll may have ended since the exporter was ready, so the first status is sent in any case.
    let mut sent = String::new();
    loop {
        let new = status(&changes.borrow_and_update());
        if new != sent {
            notify(format!("STATUS={new}")).await;
            sent = new;
        }
        time::sleep(STATUS_PAUSE).await;
        // This fails only if the store is dropped, but `store` lives as long as this future.
        let _ = changes.changed().await;
    }
}

/// Without `WatchdogSec=` in the unit, nobody waits for the message.
async fn report_alive(page: &Page, store: &SnapshotStore, follower: &JoinHandle<Infallible>) -> Infallible {
    let Some(limit) = sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero()) else {
        return std::future::pending().await;
    };
    let mut liveness = Liveness::new(page, store);
    loop {
        // At half of the time, as systemd recommends.
        time::sleep(limit / 2).await;
        // The other threads of the runtime answer, too.
        if task::spawn(std::future::ready(())).await.is_err() {
            continue;
        }
        if !follower.is_finished() && liveness.check() {
            notify("WATCHDOG=1".to_owned()).await;
        } else {
            tracing::error!(
                limit_seconds = limit.as_secs_f64(),
                "the page of metrics does not follow the polls: the watchdog of the service manager gets no message and \
                 will restart the exporter"
            );
        }
    }
}

fn status(snapshots: &[Arc<Snapshot>]) -> String {
    let up = snapshots.iter().filter(|snapshot| snapshot.is_up()).count();
    let total = snapshots.len();
    format!("{up} of {total} operations up")
}

/// Sends the message. Not on an async thread, because it waits if the service manager does not read its socket.
async fn notify(message: String) {
    /// One message at a time, so that a service manager that reads nothing holds only one thread.
    static SENDING: Semaphore = Semaphore::const_new(1);

    if env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let sending = async {
        let permit = SENDING.acquire().await.map_err(io::Error::other)?;
        let send = move || {
            let _permit = permit;
            sd_notify::notify(&[NotifyState::Custom(&message)])
        };
        task::spawn_blocking(send).await.map_err(io::Error::other)?
    };
    let result = time::timeout(SEND_TIMEOUT, sending).await.unwrap_or_else(|elapsed| Err(elapsed.into()));
    if let Err(error) = result {
        tracing::warn!(%error, "cannot notify the service manager; check NOTIFY_SOCKET and NotifyAccess= of the unit");
    }
}
