//! A configuration with very many unknown keys.

use std::fmt::Write as _;
use std::time::Duration;

use crate::figures::Figure;
use crate::measure::clients::now;
use crate::measure::requests::text;
use crate::support::exporter::run_to_end;
use crate::support::process::exporter;

const KEYS: usize = 100_000;

/// Most of it is the output of 100,000 messages.
const LIMIT: Duration = Duration::from_secs(15);

pub(crate) async fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("wolkvox.yml");
    let mut yaml = "operations:\n  - name: ventas\n".to_owned();
    for key in 0..KEYS {
        let _ = writeln!(yaml, "    key{key}: 1");
    }
    std::fs::write(&path, yaml).expect("the folder can be written to");
    let start = now();
    let (code, _) = run_to_end(exporter().args(["--config.file", &path.display().to_string(), "check-config"])).await;
    let took = now().saturating_duration_since(start);
    let refused = if code == Some(1) { text(took) } else { format!("not refused: exit code {code:?}") };
    vec![
        Figure::new("configuration with 100,000 unknown keys", "refused after", "more than 30 s", refused)
            .limited(text(LIMIT), took <= LIMIT && code == Some(1)),
    ]
}
