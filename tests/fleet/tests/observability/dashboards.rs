use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use promql_parser::{
    label::MatchOp,
    parser::{self, AggregateExpr, Expr, LabelModifier, VectorSelector},
    util::{ExprVisitor, walk_expr},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{scene::Scene, scrape::Scrape};

/// What Prometheus itself adds to each series, or our scrape configuration does.
const SCRAPED: [&str; 5] = ["job", "instance", "namespace", "place", "le"];
/// What Prometheus makes itself.
const BUILT_IN: [&str; 1] = ["up"];
/// Labels whose values are fixed, so that a query for another one asks for nothing.
const FIXED: [&str; 4] = ["consumer", "stream", "class", "le"];

#[derive(Deserialize)]
struct Rules {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    alert: Option<String>,
    record: Option<String>,
    expr: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_panel_and_every_alert_asks_for_what_a_running_fleet_shows() {
    let scene = Scene::start(&[]).await;
    scene.play().await;
    let scrape = scene.scrape().await;
    scene.stop().await;

    let undescribed: Vec<_> = scrape.kinds.keys().filter(|name| !scrape.described.contains(*name)).collect();
    assert!(undescribed.is_empty(), "{undescribed:?} have no description");
    let summaries: Vec<_> = scrape.kinds.iter().filter(|(_, kind)| *kind == "summary").collect();
    assert!(
        summaries.is_empty(),
        "{summaries:?} have quantiles, which cannot be added up; give them buckets"
    );

    let mut wrong = Vec::new();
    let rules = rules();
    let recorded: BTreeSet<&str> = rules.iter().filter_map(|rule| rule.record.as_deref()).collect();
    let mut queries: Vec<(String, String)> =
        rules.iter().map(|rule| (rule.alert.clone().unwrap_or_default(), rule.expr.clone())).collect();
    let panels = panels();
    assert!(panels.len() > 50, "the dashboards are really read");
    queries.extend(panels);
    for (whose, query) in &queries {
        let plain = query.replace("$__rate_interval", "5m").replace("$kind", ".*");
        match parser::parse(&plain) {
            Ok(expression) => wrong.extend(
                faults(&expression, &scrape, &recorded).into_iter().map(|fault| format!("{whose}: {fault}")),
            ),
            Err(error) => wrong.push(format!("{whose}: {query}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_alert_has_its_page_and_every_page_its_alert() {
    let alerts: BTreeMap<String, Rule> =
        rules().into_iter().filter_map(|rule| Some((kebab(rule.alert.as_ref()?), rule))).collect();
    let pages: BTreeSet<String> = files("docs/runbook", "md")
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "README")
        .collect();
    assert_eq!(alerts.keys().cloned().collect::<BTreeSet<_>>(), pages);
    for (page, rule) in &alerts {
        let name = rule.alert.as_ref().unwrap();
        assert_eq!(rule.annotations["runbook_url"], format!("https://weft.dev/runbook/{page}"));
        assert!(matches!(rule.labels["severity"].as_str(), "page" | "ticket"), "{name}");
        let text = fs::read_to_string(root().join(format!("docs/runbook/{page}.md"))).unwrap();
        assert!(text.starts_with(&format!("# {name}\n")), "{page}");
        assert!(text.contains("**How to see it**") && text.contains("**What to do**"), "{page}");
        let index = fs::read_to_string(root().join("docs/runbook/README.md")).unwrap();
        assert!(index.contains(&format!("[{name}]({page}.md)")), "{page} is in no index");
    }
}

#[test]
fn a_query_for_what_is_not_there_is_seen() {
    let scrape = Scrape::read("weft_a_total{kind=\"x\",consumer=\"in\"} 1\n");
    let faults_in =
        |query: &str| faults(&parser::parse(query).unwrap(), &scrape, &BTreeSet::from(["weft:b"])).len();
    assert_eq!(faults_in("sum by (kind) (rate(weft_a_total{consumer=\"in\"}[5m])) > weft:b and up == 0"), 0);
    assert_eq!(faults_in("rate(weft_b_total[5m])"), 1);
    assert_eq!(faults_in("weft_a_total / on (kind) weft_b_total"), 1);
    assert_eq!(faults_in("weft_a_total{reason=\"y\"}"), 1);
    assert_eq!(faults_in("sum by (reason) (weft_a_total)"), 1);
    assert_eq!(faults_in("weft_a_total{consumer=\"out\"}"), 1);
}

/// Which metrics and labels of an expression nobody shows.
fn faults(expression: &Expr, scrape: &Scrape, recorded: &BTreeSet<&str>) -> Vec<String> {
    let mut reading = Reading::default();
    walk_expr(&mut reading, expression).unwrap();
    let mut faults = Vec::new();
    let mut known: BTreeSet<&str> = SCRAPED.into();
    for selector in &reading.selectors {
        let name = selector.name.as_deref().unwrap_or_default();
        if recorded.contains(name) || BUILT_IN.contains(&name) {
            continue;
        }
        let Some(series) = scrape.series.get(name) else {
            faults.push(format!("no process shows `{name}`"));
            continue;
        };
        known.extend(scrape.labels_of(name));
        for matcher in &selector.matchers.matchers {
            let label = matcher.name.as_str();
            if !scrape.labels_of(name).contains(label) && !SCRAPED.contains(&label) {
                faults.push(format!("`{name}` has no label `{label}`"));
            }
            let is_fixed = FIXED.contains(&label) && matches!(matcher.op, MatchOp::Equal);
            if is_fixed && !series.iter().any(|labels| labels.get(label) == Some(&matcher.value)) {
                faults.push(format!("`{name}` has never `{label}=\"{}\"`", matcher.value));
            }
        }
    }
    if faults.is_empty() {
        let unknown = reading.grouped_by.iter().filter(|label| !known.contains(label.as_str()));
        faults.extend(unknown.map(|label| format!("nothing there has a label `{label}`")));
    }
    faults
}

#[derive(Default)]
struct Reading {
    selectors: Vec<VectorSelector>,
    grouped_by: Vec<String>,
}

impl ExprVisitor for Reading {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, Self::Error> {
        match expression {
            Expr::VectorSelector(selector) => self.selectors.push(selector.clone()),
            Expr::MatrixSelector(matrix) => self.selectors.push(matrix.vs.clone()),
            Expr::Aggregate(AggregateExpr { modifier: Some(LabelModifier::Include(labels)), .. }) => {
                self.grouped_by.extend(labels.labels.iter().cloned());
            }
            _ => {}
        }
        Ok(true)
    }
}

fn rules() -> Vec<Rule> {
    let text = fs::read_to_string(root().join("deploy/observability/prometheus/alerts.yml")).unwrap();
    let rules: Rules = serde_saphyr::from_str(&text).unwrap();
    rules.groups.into_iter().flat_map(|group| group.rules).collect()
}

/// The queries of all dashboards, each with where it stands.
fn panels() -> Vec<(String, String)> {
    let mut queries = Vec::new();
    for path in files("deploy/observability/grafana/dashboards", "json") {
        let dashboard: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert_eq!(dashboard["uid"], name.as_str(), "the file is named like the dashboard");
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let place = format!("{name}, “{}”", panel["title"].as_str().unwrap());
                queries.push((place, target["expr"].as_str().unwrap().to_owned()));
            }
        }
    }
    queries
}

/// `OutboxLags` is `outbox-lags`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
