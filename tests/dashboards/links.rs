//! Where the links of a dashboard lead, and what they keep.

use std::collections::BTreeSet;

use serde_json::Value;

use super::rules::Known;
use super::support::dashboard::{Target, list, targets, text};
use super::support::links::{Link, column, links_of, source};

/// The beginning of links to the runbook. The variable has the address that the alerts have too.
const RUNBOOK: &str = "${runbook:raw}#";

/// The time around a click on a graph: an hour before and an hour after it.
const AROUND_THE_CLICK: [&str; 2] = ["time=${__value.time}", "time.window=7200000"];

/// The problem with a parameter of a link, if there is one.
fn wrong_parameter(link: &Link<'_>, parameter: &str, uid: &str, targets: &[Target], known: &Known) -> Option<String> {
    let has = |uid: &str, variable: &str| known.boards.get(uid).is_some_and(|all| all.contains(variable));
    let leads_to_it = |variable: &str| {
        let lacks = link.boards().into_iter().find(|board| !has(board, variable));
        lacks.map(|board| format!("{board} has no variable {variable}"))
    };
    if parameter == "${__url_time_range}" || AROUND_THE_CLICK.contains(&parameter) {
        return None;
    }
    if let Some(kept) = parameter.strip_prefix("${").and_then(|rest| rest.strip_suffix(":queryparam}")) {
        let missing = (!has(uid, kept)).then(|| format!("{uid} has no variable {kept}"));
        return missing.or_else(|| leads_to_it(kept));
    }
    let Some((variable, value)) = parameter.strip_prefix("var-").and_then(|rest| rest.split_once('=')) else {
        return Some(format!("invalid parameter {parameter}: expected a variable"));
    };
    if let Some(name) = source(value, "__data.fields") {
        if column(link.panel, name).next().is_none() {
            return Some(format!("the table has no column {name}"));
        }
    } else if let Some(label) = source(value, "__field.labels") {
        let asked = targets.iter().filter(|target| link.panel["id"] == target.id);
        let mut asked = asked.filter(|target| link.query.is_none_or(|query| query == target.letter));
        if let Some(target) = asked.find(|target| !known.read(&target.expression).labels.contains(label)) {
            return Some(format!("the result of {} has no label {label}", target.letter));
        }
    } else {
        return Some(format!("invalid value in {parameter}: expected a column or a label"));
    }
    leads_to_it(variable)
}

/// Links lead to existing dashboards and keep the time range or are about the time of a click. They keep the operation
/// or are about the one of a row, and all that they select is a variable there. Other links lead to the runbook. The
/// menu of dashboards has those of the same language.
pub(crate) fn links(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    let (uid, panels, targets) = (text(dashboard, "uid"), list(dashboard, "panels"), targets(dashboard));
    for link in panels.iter().flat_map(|panel| list(panel, "links")) {
        let name = text(link, "url").strip_prefix(RUNBOOK);
        if !name.is_some_and(|name| known.alerts.contains(name)) {
            found.push(format!("{} leads to no section of the runbook", link["url"]));
        }
    }
    for link in panels.iter().flat_map(links_of).filter(|link| !link.url.starts_with(RUNBOOK)) {
        let url = link.url;
        if link.boards().is_empty() || link.boards().iter().any(|board| !known.boards.contains_key(*board)) {
            found.push(format!("{url} leads to an unknown dashboard"));
            continue;
        }
        let has = |wanted: &str| link.parameters().any(|parameter| parameter == wanted);
        let keeps_time = has("${__url_time_range}") || AROUND_THE_CLICK.into_iter().all(has);
        let keeps_operation = has("${operation:queryparam}")
            || link.parameters().any(|parameter| parameter.starts_with("var-operation="));
        if !keeps_time || !keeps_operation {
            found.push(format!("{url} does not keep the time range and the variables"));
        }
        let wrong = link.parameters().filter_map(|one| wrong_parameter(&link, one, uid, &targets, known));
        found.extend(wrong.map(|wrong| format!("{}: {url}: {wrong}", link.panel["title"])));
    }
    found.extend(menus(dashboard, known));
    found
}

/// The problems of the links at the top of a dashboard.
fn menus(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    let (menus, tops): (Vec<&Value>, Vec<&Value>) =
        list(dashboard, "links").iter().partition(|link| link["type"] == "dashboards");
    let language =
        list(dashboard, "tags").iter().find(|tag| ["wolkvox-en", "wolkvox-es"].iter().any(|one| *tag == one));
    let is_menu = |menu: &&Value| menu["asDropdown"] == true && list(menu, "tags").iter().eq(language);
    if menus.len() != 1 || !menus.iter().all(is_menu) {
        found.push("expected one menu with the dashboards of this language".to_owned());
    }
    let known: BTreeSet<String> = known.boards.keys().map(|board| format!("/d/{board}")).collect();
    for url in tops.iter().map(|link| text(link, "url")).filter(|url| !known.contains(*url)) {
        found.push(format!("{url} leads to an unknown dashboard"));
    }
    let incomplete =
        list(dashboard, "links").iter().filter(|link| link["keepTime"] != true || link["includeVars"] != true);
    found.extend(incomplete.map(|link| format!("{} does not keep the time range and the variables", link["url"])));
    found
}
