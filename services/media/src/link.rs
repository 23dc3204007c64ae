use std::{fmt, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use url::{Url, form_urlencoded};
use weft_crypto::sign::{MacKey, SignatureError, hmac_sign, hmac_verify};
use weft_domain::{
    Clock, Error, ErrorCode, Result, TenantId,
    id::{self, FileId},
};

use crate::{content::kind::may_be_shown, picture::Variant};

const PURPOSE: &[u8] = b"weft media link";
const METHOD: &[u8] = b"GET";
/// FL-5: a link that gets about is worthless soon.
const LIFE: TimeDelta = TimeDelta::minutes(5);
/// A contact opens a file when they read the message.
const CONTACT_LIFE: TimeDelta = TimeDelta::days(7);
/// Stands for whoever a file was sent to.
const CONTACT: &str = "contact";

/// Makes and checks the short-lived addresses of files. Whoever has one may download that file.
pub(crate) struct Links {
    key: MacKey,
    base: Option<Url>,
    clock: Arc<dyn Clock>,
}

/// How a browser is asked to treat a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Disposition {
    Inline,
    Attachment,
}

/// A link's query, as it came.
#[derive(Debug, Deserialize)]
pub(crate) struct Query {
    #[serde(rename = "t")]
    tenant: String,
    #[serde(rename = "u")]
    subject: String,
    #[serde(rename = "e")]
    expires: i64,
    #[serde(rename = "d")]
    disposition: Disposition,
    #[serde(rename = "v")]
    variant: Option<Variant>,
    #[serde(rename = "s")]
    signature: String,
}

/// What a link that holds lets its bearer have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Granted {
    pub(crate) tenant: TenantId,
    pub(crate) id: FileId,
    /// None: the file itself.
    pub(crate) variant: Option<Variant>,
    pub(crate) disposition: Disposition,
}

/// What a link is made of.
#[derive(Clone, Copy)]
struct Named<'a> {
    path: &'a str,
    tenant: &'a str,
    subject: &'a str,
    disposition: Disposition,
    variant: Option<Variant>,
}

impl Links {
    pub(crate) fn new(key: MacKey, base: Option<Url>, clock: Arc<dyn Clock>) -> Self {
        Self { key, base, clock }
    }

    /// A link for `subject`, and until when it works.
    pub(crate) fn make(
        &self,
        tenant: TenantId,
        id: FileId,
        subject: &str,
        disposition: Disposition,
    ) -> (String, DateTime<Utc>) {
        self.make_until(tenant, id, (subject, disposition, None), self.clock.now() + LIFE)
    }

    /// A link to a picture of the file, which works as long.
    pub(crate) fn make_of(&self, tenant: TenantId, id: FileId, subject: &str, variant: Variant) -> String {
        let of = (subject, Disposition::Inline, Some(variant));
        self.make_until(tenant, id, of, self.clock.now() + LIFE).0
    }

    /// A link for a contact and their provider.
    pub(crate) fn make_for_contact(
        &self,
        tenant: TenantId,
        id: FileId,
        disposition: Disposition,
    ) -> (String, DateTime<Utc>) {
        self.make_until(tenant, id, (CONTACT, disposition, None), self.clock.now() + CONTACT_LIFE)
    }

    fn make_until(
        &self,
        tenant: TenantId,
        id: FileId,
        (subject, disposition, variant): (&str, Disposition, Option<Variant>),
        expires: DateTime<Utc>,
    ) -> (String, DateTime<Utc>) {
        let (path, tenant) = (path(&id.to_string()), tenant.to_string());
        let named = Named { path: &path, tenant: &tenant, subject, disposition, variant };
        let signature = hmac_sign(&self.key, &named.parts(), expires);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("t", &tenant)
            .append_pair("u", subject)
            .append_pair("e", &expires.timestamp().to_string())
            .append_pair("d", disposition.word());
        if let Some(variant) = variant {
            query.append_pair("v", variant.word());
        }
        let query = query.append_pair("s", &signature).finish();
        let base = self.base.as_ref().map(|url| url.as_str().trim_end_matches('/')).unwrap_or_default();
        (format!("{base}{path}?{query}"), DateTime::from_timestamp(expires.timestamp(), 0).unwrap_or(expires))
    }

    /// What the link to the file `id` gives; an error when it is not one of ours or its time is over.
    pub(crate) fn open(&self, id: &str, query: &Query) -> Result<Granted> {
        let expires = DateTime::from_timestamp(query.expires, 0).ok_or_else(invalid_link)?;
        let path = path(id);
        let named = Named {
            path: &path,
            tenant: &query.tenant,
            subject: &query.subject,
            disposition: query.disposition,
            variant: query.variant,
        };
        match hmac_verify(&self.key, &named.parts(), expires, &query.signature, self.clock.now()) {
            Ok(()) => {}
            Err(SignatureError::Wrong) => return Err(invalid_link()),
            Err(SignatureError::Expired) => return Err(link_expired()),
        }
        Ok(Granted {
            tenant: id::parse("t", &query.tenant).map_err(|_| invalid_link())?,
            id: id::parse("id", id).map_err(|_| invalid_link())?,
            variant: query.variant,
            disposition: query.disposition,
        })
    }
}

impl Disposition {
    /// How a file of this type is linked.
    pub(crate) fn of(mime: &str) -> Self {
        if may_be_shown(mime) { Self::Inline } else { Self::Attachment }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Attachment => "attachment",
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The refusal of an address that we did not make.
pub(crate) fn invalid_link() -> Error {
    Error::new(ErrorCode::Forbidden, "invalid_link", "this link is not valid; ask for the file again")
}

fn link_expired() -> Error {
    Error::new(ErrorCode::Forbidden, "link_expired", "this link has expired; ask for the file again")
}

fn path(id: &str) -> String {
    format!("/files/{id}")
}

impl<'a> Named<'a> {
    /// A link to the file itself is made of what it always was.
    fn parts(&self) -> Vec<&'a [u8]> {
        let texts = [self.path, self.tenant, self.subject, self.disposition.word()];
        let variant = self.variant.map(Variant::word);
        [PURPOSE, METHOD].into_iter().chain(texts.into_iter().chain(variant).map(str::as_bytes)).collect()
    }
}
