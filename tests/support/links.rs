//! The links on the panels of the shipped dashboards.

use serde_json::Value;

use super::dashboard::{list, text};

/// A link of a figure, of a column or of a series.
pub(crate) struct Link<'a> {
    pub(crate) panel: &'a Value,
    pub(crate) url: &'a str,
    /// The id of the query whose series have it; `None` if it is for a column, or for all queries.
    pub(crate) query: Option<&'a str>,
}

impl<'a> Link<'a> {
    /// The part of the address that names the dashboard.
    fn board(&self) -> Option<&'a str> {
        self.url.strip_prefix("/d/").and_then(|rest| rest.split(['?', '/']).next())
    }

    /// The uids of the dashboards to which it leads: if a column has them, all that this column can have.
    pub(crate) fn boards(&self) -> Vec<&'a str> {
        let all = |column| mappings(self.panel, column).into_iter().map(|(_, text)| text).collect();
        self.board_column().map_or_else(|| self.board().into_iter().collect(), all)
    }

    /// The column that has the uid of the dashboard, if a column has it.
    pub(crate) fn board_column(&self) -> Option<&'a str> {
        self.board()?.strip_prefix("${__data.fields.")?.strip_suffix('}')
    }

    /// The parameters of the address.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'a str> {
        self.url.split_once('?').map(|(_, all)| all.split('&')).into_iter().flatten()
    }
}

/// The properties of the overrides for the column with this name.
pub(crate) fn column<'a>(panel: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let overrides = list(&panel["fieldConfig"], "overrides").iter();
    let named = overrides.filter(move |one| one["matcher"]["options"] == *name);
    named.flat_map(|one| list(one, "properties"))
}

/// The values of a label that a column shows as another text, with this text.
pub(crate) fn mappings<'a>(panel: &'a Value, name: &str) -> Vec<(&'a str, &'a str)> {
    let mappings = column(panel, name).filter(|one| one["id"] == "mappings").flat_map(|one| list(one, "value"));
    let options = mappings.filter(|one| one["type"] == "value").filter_map(|one| one["options"].as_object());
    options.flatten().map(|(value, result)| (value.as_str(), text(result, "text"))).collect()
}

/// The links of a panel: of its figures, and of its columns and series.
pub(crate) fn links_of(panel: &Value) -> Vec<Link<'_>> {
    let of_figures = list(&panel["fieldConfig"]["defaults"], "links").iter().map(|link| (None, link));
    let of_columns = list(&panel["fieldConfig"], "overrides").iter().flat_map(|one| {
        let query = (one["matcher"]["id"] == "byFrameRefID").then(|| text(&one["matcher"], "options"));
        let links = list(one, "properties").iter().filter(|property| property["id"] == "links");
        links.flat_map(|links| list(links, "value")).map(move |link| (query, link))
    });
    of_figures.chain(of_columns).map(|(query, link)| Link { panel, url: text(link, "url"), query }).collect()
}

/// The name of a label or a column in a parameter such as `var-x=${__data.fields.x:percentencode}`.
pub(crate) fn source<'a>(value: &'a str, kind: &str) -> Option<&'a str> {
    value.strip_prefix(&format!("${{{kind}."))?.strip_suffix(":percentencode}")
}
