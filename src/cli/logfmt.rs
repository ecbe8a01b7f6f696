//! Log lines in logfmt: `ts=… level=info message="…" key=value`, one line for each event.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes events as logfmt. The exporter has no spans, so none are written.
pub(super) struct Logfmt;

impl<S, N> FormatEvent<S, N> for Logfmt
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        writer.write_str("ts=")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, " level={}", name(*event.metadata().level()))?;
        let mut fields = Fields { writer: &mut writer, result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        writeln!(writer)
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Writes the fields of an event, each after a space.
struct Fields<'a, W> {
    writer: &'a mut W,
    result: fmt::Result,
}

impl<W: Write> Visit for Fields<'_, W> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.result = self.result.and_then(|()| write_pair(self.writer, field.name(), value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// Writes one field. A value is quoted if a reader of logfmt could not see where it ends.
fn write_pair(writer: &mut impl Write, key: &str, value: &str) -> fmt::Result {
    if value.chars().any(|c| c <= ' ' || c == '=' || c == '"') {
        write!(writer, " {key}=\"{}\"", value.escape_debug())
    } else {
        write!(writer, " {key}={value}")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn values_are_quoted_where_they_need_it() {
        for (value, expected) in [
            ("skills", " key=skills"),
            ("", " key="),
            ("two words", " key=\"two words\""),
            ("a=b", " key=\"a=b\""),
            ("a \"b\"\nc", " key=\"a \\\"b\\\"\\nc\""),
            ("Atención", " key=Atención"),
        ] {
            let mut line = String::new();
            write_pair(&mut line, "key", value).unwrap();
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn an_event_is_one_line() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let writer = std::sync::Arc::new(file.reopen().unwrap());
        let layer = tracing_subscriber::fmt::layer().event_format(Logfmt).with_writer(writer);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let error = std::io::Error::other("no\nroute");
            tracing::warn!(calls = 3, share = 0.5, on = true, %error, name = ?"a b", "cannot be \"reached\"");
        });
        let mut line = String::new();
        file.read_to_string(&mut line).unwrap();
        let (time, rest) = line.strip_prefix("ts=").unwrap().split_once(' ').unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
        let message = r#"message="cannot be \"reached\"""#;
        let fields = r#"calls=3 share=0.5 on=true error="no\nroute" name="\"a b\"""#;
        assert_eq!(rest, format!("level=warn {message} {fields}\n"));
    }
}
