//! A simulated wolkvox for one operation, whose answers are replaced by faults.
#![allow(dead_code, reason = "the tests use one part of it, and the endurance run another")]

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use wolkvox_simulator::{Settings, Simulation};

use crate::fault::{Call, FAULTS, Fault, Kind};
use crate::genuine::Genuine;
use crate::ledger::Ledger;
use crate::rows::Part;
use crate::support::wolkvox::{Reply, Request, Wolkvox};

/// Earlier answers that are kept for late ones.
const KEPT_ANSWERS: usize = 3;

/// How a server chooses its next fault.
pub(crate) type NextFault = Box<dyn FnMut(&Request, &mut fastrand::Rng) -> &'static Fault + Send>;

/// A running server. It ends when it is dropped.
pub(crate) struct FaultyWolkvox {
    /// The name of the operation.
    pub(crate) operation: String,
    /// Its token.
    pub(crate) token: String,
    wolkvox: Wolkvox,
    shared: Arc<Shared>,
}

struct Shared {
    simulation: Arc<Simulation>,
    token: String,
    elsewhere: String,
    state: Mutex<State>,
}

struct State {
    random: fastrand::Rng,
    /// The faults of the next calls.
    next: VecDeque<&'static Fault>,
    /// The fault after those.
    then: NextFault,
    ledger: Ledger,
    earlier: BTreeMap<Part, VecDeque<Genuine>>,
    is_refusing: bool,
    played: BTreeMap<&'static str, u64>,
}

impl FaultyWolkvox {
    /// Starts a server that answers as wolkvox until faults are set. `elsewhere` is the URL of a server that must get
    /// no call.
    pub(crate) fn start(seed: u64, ledger: Ledger, operation: &str, settings: Settings, elsewhere: &str) -> Self {
        let token = format!("Secret{seed}of{operation}");
        let simulation = Simulation::new(Settings { token: token.clone(), ..settings });
        let state = State {
            random: fastrand::Rng::with_seed(seed),
            next: VecDeque::new(),
            then: Box::new(|_, _| &FAULTS[0]),
            ledger,
            earlier: BTreeMap::new(),
            is_refusing: false,
            played: BTreeMap::new(),
        };
        let shared = Arc::new(Shared {
            simulation,
            token: token.clone(),
            elsewhere: elsewhere.to_owned(),
            state: Mutex::new(state),
        });
        let answering = Arc::clone(&shared);
        let wolkvox = Wolkvox::start_async(move |request| {
            let (shared, request) = (Arc::clone(&answering), request.clone());
            async move { shared.answer(&request).await }.boxed()
        });
        Self { operation: operation.to_owned(), token, wolkvox, shared }
    }

    /// The value for `base_url`.
    pub(crate) fn url(&self) -> String {
        self.wolkvox.url()
    }

    /// The next calls get these faults, and the calls after them what `then` returns.
    pub(crate) fn play(&self, faults: impl IntoIterator<Item = &'static Fault>, then: NextFault) {
        let mut state = self.shared.state();
        state.next = faults.into_iter().collect();
        state.then = then;
    }

    /// Whether faults that were set have not been played.
    pub(crate) fn is_playing(&self) -> bool {
        let state = self.shared.state();
        state.is_refusing || !state.next.is_empty()
    }

    /// Whether connections are refused now.
    pub(crate) fn is_refusing(&self) -> bool {
        self.shared.state().is_refusing
    }

    /// Accepts connections again.
    pub(crate) fn listen_again(&self) {
        self.shared.state().is_refusing = false;
        self.wolkvox.listen_again();
    }

    /// Calls `see` with what the exporter must show.
    pub(crate) fn ledger<T>(&self, see: impl FnOnce(&mut Ledger) -> T) -> T {
        see(&mut self.shared.state().ledger)
    }

    /// How often each fault was played.
    pub(crate) fn played(&self) -> BTreeMap<&'static str, u64> {
        self.shared.state().played.clone()
    }

    /// The highest number of calls at the same time.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.wolkvox.most_in_flight(&self.token)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: &Request) -> Reply {
        if self.state().is_refusing {
            // The connection is about to be closed, so the call has not been made.
            return pending().await;
        }
        self.state().ledger.called(request);
        let genuine = Genuine::answer(&self.simulation, request).await;
        let state = &mut *self.state();
        let fault = state.next.pop_front().unwrap_or_else(|| (state.then)(request, &mut state.random));
        let earlier = state.earlier.entry(Part::of(request)).or_default();
        let call = Call {
            genuine: &genuine,
            earlier: earlier.front(),
            token: &self.token,
            elsewhere: &self.elsewhere,
            choice: state.random.usize(..),
        };
        let (reply, outcome) = fault.answer(&call);
        state.ledger.answered(request, outcome);
        *state.played.entry(fault.name).or_default() += 1;
        if fault.kind == Kind::Refusal {
            state.is_refusing = true;
            state.ledger.has_refused = true;
        }
        if genuine.status == 200 {
            earlier.push_back(genuine);
            if earlier.len() > KEPT_ANSWERS {
                earlier.pop_front();
            }
        }
        reply
    }
}
