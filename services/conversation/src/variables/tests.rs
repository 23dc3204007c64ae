use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::{Filled, LONGEST, Values, check, fill};

fn values() -> Values {
    let mut values = Values::default();
    values.put_name("contact", "Ada King Lovelace");
    values.put("contact.email", Some("ada@example.com"));
    values.put("contact.phone", Some("  "));
    values.put("contact.language", None);
    values.put_name("agent", "Bob");
    values.put("conversation.channel", Some("Chat"));
    values.put("today", Some("2026-11-22"));
    let fields = json!({"amount": 3.0, "rate": 2.5, "paid": true, "size": "M", "gone": null, "empty": ""});
    let Json::Object(fields) = fields else { unreachable!() };
    values.put_fields("conversation", &fields);
    values
}

fn filled(text: &str) -> Filled {
    fill(text, values()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    let error = check(text, "text").map_or_else(|error| error, |()| panic!("{text} is refused"));
    assert_eq!((error.reason(), error.field()), ("invalid_variables", Some("text")), "{text}");
    error.message().to_owned()
}

#[test]
fn variables_say_what_they_name() {
    for (text, expected) in [
        ("no variable, 100 % {plain} } }} %}", "no variable, 100 % {plain} } }} %}"),
        ("Dear {{ contact.name }},", "Dear Ada King Lovelace,"),
        ("{{contact.first_name}} / {{- agent.first_name -}} / {{ agent.name|upper }}", "Ada /Bob/ BOB"),
        ("{{ contact.phone | default('no number') }}", "no number"),
        ("{{ contact.language | d(\"}} {{ none\") | title }}", "}} {{ None"),
        ("{{ contact.phone or contact.email }}", "ada@example.com"),
        ("{% if contact.phone %}ring{% elif contact.email %}mail{% else %}call{% endif %}", "mail"),
        ("{% if contact.phone is defined %}a{% else %}b{% endif %}", "b"),
        ("{% if contact.email is not undefined and not contact.phone %}a{% endif %}", "a"),
        ("{{ conversation.fields.amount * 2 + 1 }} {{ conversation.fields.rate }}", "7 2.5"),
        ("{{ conversation.fields.rate | round(precision=0) | int }}", "2"),
        (
            "{{ 'paid' if conversation.fields.paid else 'due' }} {{ conversation.fields.size|lower }}",
            "paid m",
        ),
        ("{{ contact.name[0:3] ~ '.' }}{# a note #}", "Ada."),
        ("{{ today }} {{ contact.name|replace('King ', '') }}", "2026-11-22 Ada Lovelace"),
        ("Grüße — 你好 {{ contact.first_name }} 👋", "Grüße — 你好 Ada 👋"),
    ] {
        check(text, "text").unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(filled(text), Filled { text: expected.into(), missing: Vec::new() }, "{text}");
    }
}

#[test]
fn what_has_no_value_is_left_empty_and_told_of_where_it_is_read() {
    let text = "{{ contact.phone }}{{ contact.phone | upper }}{{ 'no ' ~ contact.language }} {{ contact.fields.size }}\
                {{ conversation.fields.gone }}{{ conversation.fields.empty }}\
                {% if conversation.title %}{{ conversation.title }}{% endif %}";
    let filled = filled(text);
    assert_eq!(filled.text, "no  ");
    let missing = ["contact.phone", "contact.language", "contact.fields.size", "conversation.fields.gone"];
    assert_eq!(filled.missing, [&missing[..], &["conversation.fields.empty"]].concat());
}

#[test]
fn a_value_is_never_a_text_to_fill_in() {
    let mut values = values();
    values.put("contact.name", Some("{{ agent.name }}{% if today %}<b>&{% endif %}{#"));
    let filled = fill("{{ contact.name }} {{ contact.name | default('') | trim }}", values).unwrap();
    let name = "{{ agent.name }}{% if today %}<b>&{% endif %}{#";
    assert_eq!(filled.text, format!("{name} {name}"));
}

#[test]
fn what_cannot_be_filled_in_is_refused_with_its_line_and_what_there_is() {
    for (text, line, words) in [
        ("a\nb {{ customer.name }}", 2, "no variable `customer.name`; there are contact.name"),
        ("{{ contact.nmae }}", 1, "no variable `contact.nmae`"),
        ("{{ contact.name.first }}", 1, "no variable `contact.name.first`"),
        ("{{ contact }}", 1, "say which"),
        ("{{ contact['name'] }}", 1, "say which"),
        ("{{ contact.fields }}", 1, "say which"),
        ("{{ name }}", 1, "no variable `name`"),
        ("{{ secret[1:] }}", 1, "no variable `secret`"),
        ("{{ 1or secret }}", 1, "no variable `secret`"),
        ("{{ range(10) }}", 1, "no variable `range`"),
        ("{{ contact.name.upper() }}", 1, "no variable `contact.name.upper`"),
        ("{{ today() }}", 1, ""),
        ("\n\n{{ contact.name | uper }}", 3, "no filter `uper`; there are default"),
        ("{{ contact.name | map(attribute='x') }}", 1, "no filter `map`"),
        ("{% if contact.name is odd %}{% endif %}", 1, "no test `odd`"),
        ("{% for x in contact.name %}{{ x }}{% endfor %}", 1, "`{% for %}` is not known here"),
        ("{% include 'x' %}", 1, "`{% include %}`"),
        ("{%- set x = 1 %}", 1, "`{% set %}`"),
        ("{% raw %}{{ x }}{% endraw %}", 1, "`{% raw %}`"),
        ("{% macro x() %}{% endmacro %}", 1, "`{% macro %}`"),
        ("{{ contact.name ", 1, "close it with `}}`"),
        ("{{ contact.name %}", 1, ""),
        ("{{ (contact.name }}", 1, "a bracket is not closed"),
        ("{{ 'contact.name }}", 1, "quotes"),
        ("{{ }}", 1, "nothing stands between the braces"),
        ("{{ {'a': 1} }}", 1, "brace"),
        ("{# never ends", 1, "`#}`"),
        ("ok\n{% if contact.name %}open", 2, "unexpected end of input"),
        ("{% endif %}", 1, ""),
        ("{{ contact.name + }}", 1, "write variables like"),
        ("{{ contact.name + 1 }}", 1, "+"),
        ("{{ 1 / 0 }}", 1, ""),
    ] {
        let message = refused(text);
        assert!(message.starts_with(&format!("line {line}: ")), "{text}: {message}");
        assert!(message.contains(words), "{text}: {message}");
    }
}

#[test]
fn no_text_takes_long_or_much() {
    let deep = |open: &str, close: &str, times: usize| {
        format!("{{{{ {}1{} }}}}", open.repeat(times), close.repeat(times))
    };
    let nested = "{% if today %}".repeat(1_000) + &"{% endif %}".repeat(1_000);
    let branches = format!("{{% if today %}}{}{{% endif %}}", "{% elif today %}x".repeat(1_000));
    let long = "{{ contact.name }}".repeat(1_100);
    for text in [
        deep("(", ")", 5_000),
        deep("[", "]", 5_000),
        deep("-", "", 10_000),
        deep("not ", "", 3_000),
        deep("", "|upper", 3_000),
        deep("", ".a", 9_000),
        deep("1+", "", 9_000),
        deep("'a'~", "", 4_000),
        deep("1 if 1 else ", "", 1_500),
        nested,
        branches,
        "{{ 'a' * 1000000000 }}".to_owned(),
        "{{ 1000000000 * 'a' }}".to_owned(),
        "{{ [1] * 1000000000 }}".to_owned(),
        "{{ (1, 2) * 1000000000 }}".to_owned(),
        "{% if [1] * 1000000000 == [2] * 1000000000 %}x{% endif %}".to_owned(),
        "{% if 'x' in ['a'] * 1000000000 %}x{% endif %}".to_owned(),
        "{{ 'aaaaaaaaaa' * 10000 }}".to_owned(),
        format!("{{{{ 'a'{} }}}}", "|replace('a', 'aaaaaaaaaaaaaaaa')".repeat(12)),
        "{{ 9 ** 999999999 }}".to_owned(),
        "{{ range(1000000000) }}".to_owned(),
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}".to_owned(),
        "x".repeat(LONGEST) + "{{ today }}",
    ] {
        let shown: String = text.chars().take(40).collect();
        let start = Instant::now();
        check(&text, "text").map_or_else(drop, |()| panic!("{shown} is refused"));
        assert!(start.elapsed() < Duration::from_secs(2), "{shown}");
    }
    let mut values = Values::default();
    values.put("contact.name", Some(&"n".repeat(1_000)));
    check(&long, "text").unwrap();
    let error = fill(&long, values).unwrap_err();
    assert_eq!(error.reason(), "variables_not_filled");
    assert!(error.message().contains("more than 20000 characters"), "{error}");
}

#[test]
fn as_deep_as_a_text_may_go_fits_on_a_small_stack() {
    let expression = format!("{}today{}", "(".repeat(10), ")".repeat(10));
    let chain = "today".to_owned() + &" ~ 'x'".repeat(49);
    let text = "{% if today %}".repeat(10)
        + &format!("{{{{ {expression} }}}}{{{{ {chain} }}}}")
        + &"{% endif %}".repeat(10);
    let worker = std::thread::Builder::new().stack_size(1024 * 1024);
    let checked = worker.spawn(move || check(&text, "text").and_then(|()| fill(&text, values()))).unwrap();
    assert!(checked.join().unwrap().unwrap().text.starts_with("2026-11-22"));
}

#[test]
fn what_only_these_values_keep_from_being_filled_in_is_said_then() {
    let text = "one\n{{ contact.fields.amount * 2 }}";
    check(text, "text").unwrap();
    let error = fill(text, values()).unwrap_err();
    assert_eq!(error.reason(), "variables_not_filled");
    assert!(error.message().contains("line 2"), "{error}");
    let text = "{{ contact.fields.amount | default(4) * 2 }}";
    assert_eq!(fill(text, values()).unwrap().text, "8");
}
