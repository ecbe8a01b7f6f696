//! The flags of `healthcheck`.

use std::path::PathBuf;

/// Flags of `healthcheck`. With --web.config.file it uses the scheme and trusts the certificate of that file.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct HealthcheckArgs {
    /// URL to request [default: /-/ready on loopback, at the port of --web.listen-address; https if --web.config.file has
    /// TLS]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// User, if the exporter asks for a password
    #[arg(long, value_name = "NAME", requires = "password_file")]
    pub user: Option<String>,

    /// File that contains the password of --user
    #[arg(long, value_name = "FILE", requires = "user")]
    pub password_file: Option<PathBuf>,

    /// File of CA certificates (PEM) that an https URL is verified with [default: the certificate of --web.config.file]
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Certificate (PEM) of this client, if the exporter asks for one
    #[arg(long, value_name = "FILE", requires = "client_key_file")]
    pub client_cert_file: Option<PathBuf>,

    /// Private key (PEM) of --client-cert-file
    #[arg(long, value_name = "FILE", requires = "client_cert_file")]
    pub client_key_file: Option<PathBuf>,
}
