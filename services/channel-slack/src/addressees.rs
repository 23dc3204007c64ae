use std::collections::BTreeSet;

use weft_channel::{Addressees, WebhookCall};

use crate::{
    verify::is_form,
    wire::{Interaction, Webhook, form_value},
};

/// Whom a call to the app's one address is for: the workspace it happened in, and those it is shown to.
pub(crate) fn addressees(call: &WebhookCall) -> Addressees {
    if is_form(call) {
        return of_form(&call.body);
    }
    match call.json::<Webhook>() {
        Ok(Webhook::EventCallback(wrapped)) => {
            Addressees::Called(wrapped.teams().map(str::to_owned).collect())
        }
        Ok(Webhook::AppRateLimited { team_id }) => Addressees::Called(BTreeSet::from([team_id])),
        Ok(Webhook::UrlVerification { .. }) => Addressees::Anybody,
        Ok(Webhook::Other) | Err(_) => Addressees::Called(BTreeSet::new()),
    }
}

fn of_form(form: &[u8]) -> Addressees {
    let payload = form_value(form, "payload");
    let team = match payload.map(|json| serde_json::from_str::<Interaction>(&json)) {
        Some(interaction) => interaction.ok().and_then(|interaction| interaction.team).map(|team| team.id),
        None => form_value(form, "team_id"),
    };
    match team {
        Some(team) => Addressees::Called(BTreeSet::from([team])),
        // it looks at our certificate, whoever we are
        None if form_value(form, "ssl_check").is_some() => Addressees::Anybody,
        None => Addressees::Called(BTreeSet::new()),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, header};
    use serde_json::{Value, json};

    use super::*;

    fn of(content_type: &str, body: String) -> Addressees {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        let (path_rest, query) = (String::new(), String::new());
        let received_at = chrono::DateTime::UNIX_EPOCH;
        addressees(&WebhookCall {
            method: Method::POST,
            path_rest,
            query,
            headers,
            body: body.into(),
            received_at,
        })
    }

    fn called<const N: usize>(teams: [&str; N]) -> Addressees {
        Addressees::Called(teams.map(str::to_owned).into_iter().collect())
    }

    #[test]
    fn a_call_names_the_workspaces_it_is_for() {
        let event = json!({
            "type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event_time": 1,
            "authorizations": [{"team_id": "T2", "user_id": "U1", "is_bot": true}], "event": {},
        });
        let table = [
            (event, called(["T1", "T2"])),
            (json!({"type": "url_verification", "challenge": "a"}), Addressees::Anybody),
            (json!({"type": "app_rate_limited", "team_id": "T3"}), called(["T3"])),
            (json!({"type": "of_later"}), called([])),
            (json!([]), called([])),
        ];
        for (body, expected) in table {
            assert_eq!(of("application/json", body.to_string()), expected, "{body}");
        }
    }

    #[test]
    fn what_people_did_with_buttons_names_its_workspace() {
        let form = |fields: &[(&str, &str)]| {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            of("application/x-www-form-urlencoded", body)
        };
        let payload: Value = json!({"type": "block_actions", "team": {"id": "T4"}, "actions": []});
        assert_eq!(form(&[("payload", &payload.to_string())]), called(["T4"]));
        assert_eq!(form(&[("payload", "odd")]), called([]));
        assert_eq!(form(&[("command", "/help"), ("team_id", "T5")]), called(["T5"]));
        assert_eq!(form(&[("ssl_check", "1"), ("token", "x")]), Addressees::Anybody);
        assert_eq!(form(&[]), called([]));
    }
}
