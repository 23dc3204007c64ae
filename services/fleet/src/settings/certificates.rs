use std::path::PathBuf;

use weft_config::Loader;

use super::Settings;

impl Settings {
    /// A certificate is nothing without its key, nor a key without its certificate.
    pub(super) fn check_certificates(&self, loader: &mut Loader) {
        let is_set = |file: &PathBuf| !file.as_os_str().is_empty();
        let (bus, cache, store, rpc) = (&self.bus, &self.cache, &self.store, &self.rpc);
        let pairs = [
            ("bus", bus.cert_file.is_some(), bus.key_file.is_some()),
            ("cache", cache.cert_file.is_some(), cache.key_file.is_some()),
            ("store", is_set(&store.cert_file), is_set(&store.key_file)),
            ("rpc", rpc.cert_file.is_some(), rpc.key_file.is_some()),
        ];
        for (section, certificate, key) in pairs {
            if certificate != key {
                let missing = if certificate { "key_file" } else { "cert_file" };
                loader.fault(&format!("{section}.{missing}"), "`cert_file` and `key_file` go together");
            }
        }
        if rpc.ca_file.is_some() != rpc.cert_file.is_some() {
            loader.fault("rpc.ca_file", "`ca_file`, `cert_file` and `key_file` go together");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn a_certificate_without_its_key_is_told_of_each_connection() {
        let variables = [
            ("WEFT_BUS__CERT_FILE", "own.crt"),
            ("WEFT_CACHE__KEY_FILE", "own.key"),
            ("WEFT_STORE__CERT_FILE", "own.crt"),
            ("WEFT_RPC__CA_FILE", "ca.crt"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let faults = Settings::from_parts("", variables).unwrap_err();
        let keys: Vec<_> = faults.0.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(keys, ["bus.key_file", "cache.cert_file", "store.key_file", "rpc.ca_file"]);
    }
}
