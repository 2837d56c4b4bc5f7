//! Signature Version 4, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>.

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::config_bag::Layer;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};

use crate::{Identity, Signing};

/// Has requests signed. S3 signs the path as it is sent.
pub(crate) fn signer(identity: &Identity, signing: Signing<'_>) -> StaticRuntimePlugin {
    let s3 = signing.name == "s3";
    let mut options = SigningOptions::default();
    options.double_uri_encode = !s3;
    options.normalize_uri_path = !s3;
    options.content_sha256_header = s3;
    let mut layer = Layer::new("signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(Region::new(signing.region.to_owned()))),
        name: Some(SigningName::from(signing.name.to_owned())),
        signing_options: options,
        ..SigV4OperationSigningConfig::default()
    });
    let components = RuntimeComponentsBuilder::new("signing")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )))
        .with_identity_cache(Some(identity.cache.clone()))
        .with_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(identity.provider.clone()));
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}
