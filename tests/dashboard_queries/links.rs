//! A click on a row, a bar, a line or a state opens a dashboard on which the same can be selected.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::Value;

use super::GOOD;
use super::asking::{ALL, Chosen, ask, options};
use super::history::at;
use super::support::dashboard::{files, folder, list, targets, text, variables};
use super::support::links::{Link, links_of, mappings, source};
use super::support::prometheus::Prometheus;

/// Panels with rows only while alerts fire: no alert rule is loaded here.
const WITHOUT_ROWS: &str = "Alerts firing now";

/// How many rows of a query are clicked on. Of rows that lead to different dashboards, one of each.
const CLICKS: usize = 3;

/// A parameter that a click fills in: the variable, and the label with its value.
fn filled_in(parameter: &str) -> Option<(&str, &str)> {
    let (variable, value) = parameter.strip_prefix("var-")?.split_once('=')?;
    Some((variable, source(value, "__data.fields").or_else(|| source(value, "__field.labels"))?))
}

/// The text in a row: that of the value mapping, as Grafana fills it in, or else the value of the label.
fn text_in<'a>(link: &Link<'a>, label: &str, row: &'a BTreeMap<String, String>) -> &'a str {
    let value = row.get(label).map_or("", String::as_str);
    let mapped = mappings(link.panel, label).into_iter().find(|(from, _)| *from == value);
    mapped.map_or(value, |(_, text)| text)
}

/// The rows that have the link: the labels of the results, with those of other queries for the same row of a table.
async fn rows(prometheus: &Prometheus, board: &Value, link: &Link<'_>) -> Vec<BTreeMap<String, String>> {
    let of_panel = targets(board).into_iter().filter(|target| link.panel["id"] == target.id);
    let asked: Vec<_> = of_panel.filter(|target| link.query.is_none_or(|query| query == target.letter)).collect();
    let chosen: Chosen = if text(board, "uid") == "wolkvox-skill" { &[("skill_id", "4173")] } else { ALL };
    let responses = join_all(asked.iter().map(async |target| ask(prometheus, target, chosen, at(GOOD)).await)).await;
    let series = responses.into_iter().flat_map(|response| response.expect("the query is valid"));
    let labels = |series: Value| -> BTreeMap<String, String> {
        let metric = series["metric"].as_object().into_iter().flatten();
        metric.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
    };
    let needed: Vec<&str> =
        link.parameters().filter_map(filled_in).map(|(_, label)| label).chain(link.board_column()).collect();
    let clickable = series.map(labels).filter(|row| needed.iter().all(|label| row.contains_key(*label)));
    match link.board_column() {
        Some(column) => {
            clickable.map(|row| (row[column].clone(), row)).collect::<BTreeMap<_, _>>().into_values().collect()
        }
        None => clickable.take(CLICKS).collect(),
    }
}

/// The links that lead to a dashboard on which what was clicked on cannot be selected, or that no row has.
pub(crate) async fn wrong_links(prometheus: &Prometheus) -> Vec<String> {
    let boards = files(&folder());
    let mut found = Vec::new();
    let mut led_to = BTreeSet::new();
    for (name, board) in &boards {
        let panels = list(board, "panels").iter().filter(|panel| panel["title"] != WITHOUT_ROWS);
        for link in panels.flat_map(links_of).filter(|link| link.url.starts_with("/d/")) {
            if !link.parameters().any(|parameter| filled_in(parameter).is_some()) {
                continue;
            }
            let place = format!("{name}, {}: {}", text(link.panel, "title"), link.url);
            let rows = rows(prometheus, board, &link).await;
            if rows.is_empty() {
                found.push(format!("{place}: no row has this link"));
            }
            for row in rows {
                let target = match link.board_column() {
                    Some(column) => text_in(&link, column, &row),
                    None => link.boards()[0],
                };
                led_to.insert(target.to_owned());
                let asked = variables(&boards[target]).expect("variables have queries");
                let filled: Vec<(&str, &str)> = link
                    .parameters()
                    .filter_map(filled_in)
                    .map(|(variable, label)| (variable, text_in(&link, label, &row)))
                    .filter(|(_, value)| *value != "$__all")
                    .collect();
                for (variable, value) in &filled {
                    let values = options(prometheus, (*variable, &asked[*variable]), &filled, at(GOOD)).await;
                    if !values.as_ref().is_ok_and(|values| values.iter().any(|one| one == value)) {
                        found.push(format!("{place}: {target} cannot select {variable} {value:?}, only {values:?}"));
                    }
                }
            }
        }
    }
    assert_eq!(led_to, boards.keys().cloned().collect(), "no link of a row leads to some dashboard");
    found
}
