//! What a policy of an identity lets its holder become.

use std::collections::BTreeSet;

use super::{PolicyDocument, Statement};
use crate::glob;
use crate::hole::{Hole, Known};

/// Sets of actions that, allowed together on all resources of a kind, let the holder take rights that it was
/// not given. Each way in is one line.
///
/// "Actions that can grant elevated permissions": the permissions management access level of the service
/// authorization reference,
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>,
/// and "Grant a user permissions to pass a role to an AWS service",
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>.
const ESCALATIONS: &[&[&str]] = &[
    // Change what an identity may do.
    &["iam:AddUserToGroup"],
    &["iam:AttachGroupPolicy"],
    &["iam:AttachRolePolicy"],
    &["iam:AttachUserPolicy"],
    &["iam:CreatePolicyVersion"],
    &["iam:PutGroupPolicy"],
    &["iam:PutRolePolicy"],
    &["iam:PutUserPolicy"],
    &["iam:SetDefaultPolicyVersion"],
    // Lift what holds an identity back.
    &["iam:DeleteRolePermissionsBoundary"],
    &["iam:DeleteUserPermissionsBoundary"],
    &["iam:PutRolePermissionsBoundary"],
    &["iam:PutUserPermissionsBoundary"],
    // Become another identity.
    &["iam:CreateAccessKey"],
    &["iam:CreateLoginProfile"],
    &["iam:CreateServiceSpecificCredential"],
    &["iam:UpdateAssumeRolePolicy"],
    &["iam:UpdateLoginProfile"],
    // Give a role to something that the holder controls.
    &["iam:PassRole"],
    &["iam:PassRole", "bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:InvokeCodeInterpreter"],
    &["iam:PassRole", "cloudformation:CreateStack"],
    &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
    &["iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
    &["iam:PassRole", "ec2:RunInstances"],
    &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"],
    &["iam:PassRole", "glue:CreateDevEndpoint"],
    &["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"],
    &["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
    &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
    &["iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
    &["iam:PassRole", "sagemaker:CreateTrainingJob"],
    &["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"],
    // Act through something that has a role.
    &["cloudformation:UpdateStack"],
    &["ec2-instance-connect:SendSSHPublicKey"],
    &["glue:UpdateDevEndpoint"],
    &["lambda:UpdateFunctionCode"],
    &["lambda:UpdateFunctionConfiguration"],
    &["sagemaker:CreatePresignedNotebookInstanceUrl"],
    &["ssm:SendCommand"],
    &["ssm:StartSession"],
];

/// Something that a policy may let its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Power {
    allowed: bool,
    /// Always and for everything.
    denied: bool,
}

impl Power {
    /// Whether the holder has it.
    pub(crate) fn is_held(self) -> bool {
        self.allowed && !self.denied
    }

    /// Whether the holder has it by the policies that are known, when more are hidden by `hole`: those may allow
    /// what these do not, but not what these deny.
    pub(crate) fn among(self, hole: Option<Hole<'_>>) -> Known<'_, bool> {
        match hole {
            Some(hole) if !self.allowed && !self.denied => Err(hole),
            _ => Ok(self.is_held()),
        }
    }
}

impl PolicyDocument {
    /// Every action on everything.
    pub(crate) fn admin(&self) -> Power {
        Power {
            allowed: self.grants(|statement| statement.names_every_action() && statement.names_everything()),
            denied: self.denies(|statement| statement.names_service("iam")),
        }
    }

    /// Every action of IAM on all resources.
    pub(crate) fn iam_admin(&self) -> Power {
        Power {
            allowed: self
                .grants(|statement| statement.names_service("iam") && statement.names_all_of_a_kind()),
            denied: self.denies(|statement| statement.names_service("iam")),
        }
    }

    /// Assuming any role that trusts the holder's account.
    pub(crate) fn any_role(&self) -> Power {
        self.action("sts:AssumeRole")
    }

    /// The ways to more rights that the document allows, each as its actions joined by `+`.
    pub(crate) fn escalations(&self) -> impl Iterator<Item = String> {
        ESCALATIONS
            .iter()
            .filter(|actions| actions.iter().all(|action| self.action(action).is_held()))
            .map(|actions| actions.join("+"))
    }

    /// The services of which every action is allowed on all resources, `*` for all services.
    pub(crate) fn full_services(&self) -> BTreeSet<String> {
        let whole = |pattern: &String| {
            let (service, action) = pattern.split_once(':').unwrap_or((pattern, "*"));
            glob::is_everything(action).then(|| service.to_ascii_lowercase())
        };
        self.allowed()
            .filter(|statement| statement.is_plain_grant() && !statement.actions.not)
            .flat_map(|statement| {
                let services = statement.actions.patterns.iter().filter_map(whole);
                services.filter(|service| statement.names_all_of(service))
            })
            .filter(|service| !self.denies(|statement| statement.names_service(service)))
            .collect()
    }

    fn action(&self, action: &str) -> Power {
        Power {
            allowed: self
                .grants(|statement| statement.names_action(action) && statement.names_all_of_a_kind()),
            denied: self.denies(|statement| statement.names_action(action)),
        }
    }

    fn grants(&self, what: impl Fn(&Statement) -> bool) -> bool {
        self.allowed().any(|statement| statement.is_plain_grant() && what(statement))
    }

    /// Whether a statement denies `what` always and for everything.
    fn denies(&self, what: impl Fn(&Statement) -> bool) -> bool {
        let plain = |statement: &&Statement| {
            !statement.allow && statement.is_plain_grant() && statement.names_everything()
        };
        self.statements.iter().filter(plain).any(what)
    }
}
