use std::collections::{BTreeMap, BTreeSet};

/// What `/metrics` shows: each series, by the name of its metric.
#[derive(Default)]
pub(crate) struct Scrape {
    pub(crate) series: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    pub(crate) described: BTreeSet<String>,
    pub(crate) kinds: BTreeMap<String, String>,
}

impl Scrape {
    /// Reads Prometheus' text format.
    pub(crate) fn read(text: &str) -> Self {
        let mut scrape = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                scrape.described.extend(help.split(' ').next().map(str::to_owned));
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                scrape.kinds.insert(name.to_owned(), kind.to_owned());
            } else {
                let (series, _value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                scrape.series.entry(name.to_owned()).or_default().push(labels_in(labels));
            }
        }
        scrape
    }

    /// The labels that series of this name have.
    pub(crate) fn labels_of(&self, name: &str) -> BTreeSet<&str> {
        self.series.get(name).into_iter().flatten().flat_map(BTreeMap::keys).map(String::as_str).collect()
    }

    /// How many series there are.
    pub(crate) fn len(&self) -> usize {
        self.series.values().map(Vec::len).sum()
    }
}

/// `a="b",c="d"}`; no value of ours holds a quotation mark.
fn labels_in(text: &str) -> BTreeMap<String, String> {
    let mut parts = text.trim_end_matches('}').split('"');
    let mut labels = BTreeMap::new();
    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
        labels.insert(key.trim_matches([',', '=']).to_owned(), value.to_owned());
    }
    labels
}

#[test]
fn braces_and_commas_in_values_are_read_as_they_are() {
    let scrape = Scrape::read(
        "# HELP a_b_total Words, {all}.\n# TYPE a_b_total counter\na_b_total{route=\"/x/{id},y\",code=\"2xx\"} 3\na_c 1\n",
    );
    assert_eq!(scrape.series["a_b_total"][0]["route"], "/x/{id},y");
    assert_eq!(scrape.labels_of("a_b_total"), BTreeSet::from(["route", "code"]));
    assert!(scrape.series["a_c"][0].is_empty());
    assert_eq!((scrape.len(), scrape.kinds["a_b_total"].as_str()), (2, "counter"));
}
