//! Every method of the API with its REST binding and its policy, read from the descriptors.

use std::{collections::HashMap, sync::LazyLock, time::Duration};

use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};

use crate::{
    POOL,
    google::api::{HttpRule, http_rule::Pattern},
    options::v1::{Field, Policy, policy::RateClass},
};

/// One method.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The gRPC path: `/weft.conversation.v1.Messages/SendMessage`.
    pub path: String,
    /// The service's full name.
    pub service: String,
    /// The method's name.
    pub name: String,
    /// What it takes.
    pub input: MessageDescriptor,
    /// What it gives back.
    pub output: MessageDescriptor,
    /// Who may call it.
    pub policy: Policy,
    /// Its REST binding; none for calls between services.
    pub http: Option<Http>,
    /// What `proto/` says about it.
    pub about: String,
}

/// A REST binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub verb: &'static str,
    /// The path with its fields in braces: `/v1/conversations/{id}`.
    pub path: String,
    /// Whether the request's other fields are in a JSON body; otherwise in the query.
    pub body: bool,
}

impl Http {
    /// The names of the fields in the path.
    pub fn path_fields(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

impl Operation {
    /// Whether it only reads. Its answer is a new one each time, so it is kept for no repetition.
    pub fn reads(&self) -> bool {
        self.http.as_ref().is_some_and(|http| http.verb == "GET")
    }

    /// How long it may take; nothing when it is no longer than most.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.policy.seconds.into())
    }

    /// Its rate class.
    pub fn rate(&self) -> RateClass {
        self.policy.rate()
    }
}

/// All operations, by service and in the order of `proto/`.
pub fn all() -> &'static [Operation] {
    static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| {
        POOL.services()
            .flat_map(|service| service.methods().map(|method| read(&method)).collect::<Vec<_>>())
            .collect()
    });
    &ALL
}

/// The operation behind a gRPC path.
pub fn find(path: &str) -> Option<&'static Operation> {
    static BY_PATH: LazyLock<HashMap<&'static str, &'static Operation>> =
        LazyLock::new(|| all().iter().map(|operation| (operation.path.as_str(), operation)).collect());
    BY_PATH.get(path).copied()
}

/// Our option on a field: required, secret, longest text, kind of id.
pub fn field_rules(field: &prost_reflect::FieldDescriptor) -> Field {
    extension(&field.options(), "weft.options.v1.field").unwrap_or_default()
}

fn read(method: &MethodDescriptor) -> Operation {
    let service = method.parent_service().full_name().to_owned();
    let options = method.options();
    Operation {
        path: format!("/{service}/{}", method.name()),
        name: method.name().to_owned(),
        input: method.input(),
        output: method.output(),
        policy: extension(&options, "weft.options.v1.policy").unwrap_or_default(),
        http: extension::<HttpRule>(&options, "google.api.http").and_then(http),
        about: comment(method),
        service,
    }
}

pub(crate) fn extension<M: Message + Default>(options: &DynamicMessage, name: &str) -> Option<M> {
    let extension = POOL.get_extension_by_name(name)?;
    if !options.has_extension(&extension) {
        return None;
    }
    let value = options.get_extension(&extension);
    M::decode(value.as_message()?.encode_to_vec().as_slice()).ok()
}

fn http(rule: HttpRule) -> Option<Http> {
    let (verb, path) = match rule.pattern? {
        Pattern::Get(path) => ("GET", path),
        Pattern::Put(path) => ("PUT", path),
        Pattern::Post(path) => ("POST", path),
        Pattern::Delete(path) => ("DELETE", path),
        Pattern::Patch(path) => ("PATCH", path),
    };
    Some(Http { verb, path, body: !rule.body.is_empty() })
}

fn comment(method: &MethodDescriptor) -> String {
    let path = method.path();
    let file = method.parent_file();
    let locations = file
        .file_descriptor_proto()
        .source_code_info
        .as_ref()
        .map(|info| info.location.as_slice())
        .unwrap_or_default();
    locations
        .iter()
        .find(|location| location.path == path)
        .map(|location| location.leading_comments().trim().replace("\n ", " "))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use weft_domain::permission;

    use super::*;

    #[test]
    fn every_method_declares_who_may_call_it() {
        for operation in all() {
            let policy = &operation.policy;
            let ways = [policy.public, policy.service, !policy.permission.is_empty()];
            assert_eq!(
                ways.iter().filter(|way| **way).count(),
                1,
                "{}: public, service or a permission",
                operation.path
            );
            assert!(
                policy.permission.is_empty() || permission::find(&policy.permission).is_some(),
                "{}",
                operation.path
            );
            assert_ne!(operation.rate(), RateClass::Unspecified, "{}", operation.path);
            assert_eq!(
                policy.service,
                operation.http.is_none(),
                "{}: what services call has no REST binding",
                operation.path
            );
            assert!(!operation.about.is_empty(), "{} has a comment", operation.path);
        }
    }

    #[test]
    fn rest_bindings_are_distinct_and_name_fields_that_exist() {
        let mut seen = HashSet::new();
        for operation in all() {
            let Some(http) = &operation.http else { continue };
            assert!(seen.insert((http.verb, http.path.clone())), "{} {}", http.verb, http.path);
            for name in http.path_fields() {
                assert!(operation.input.get_field_by_name(name).is_some(), "{} in {}", name, http.path);
            }
            assert_eq!(http.body, matches!(http.verb, "POST" | "PATCH" | "PUT"), "{}", http.path);
        }
        assert!(seen.len() > 20);
        assert!(find("/weft.conversation.v1.Messages/SendMessage").is_some());
    }

    #[test]
    fn field_rules_are_read() {
        let login = find("/weft.directory.v1.Auth/Login").unwrap();
        let rules = field_rules(&login.input.get_field_by_name("password").unwrap());
        assert!(rules.required && rules.secret);
    }
}
