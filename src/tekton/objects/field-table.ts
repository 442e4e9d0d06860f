/**
 * The fields of Tekton's Go types and of those of Kubernetes inside them, written by `npm run fields`: a line for each
 * kind, then one for each struct. Behind a name, ? is omitempty and ~ omitzero; before a type, * is a pointer, [] a list
 * and {} a mapping.
 */
export const fieldTable = `
tekton.dev/v1 Pipeline = v1.Pipeline
tekton.dev/v1 PipelineRun = v1.PipelineRun
tekton.dev/v1 Task = v1.Task
tekton.dev/v1 TaskRun = v1.TaskRun
tekton.dev/v1alpha1 Run = v1alpha1.Run
tekton.dev/v1alpha1 StepAction = v1alpha1.StepAction
tekton.dev/v1alpha1 VerificationPolicy = v1alpha1.VerificationPolicy
tekton.dev/v1beta1 CustomRun = v1beta1.CustomRun
tekton.dev/v1beta1 Pipeline = v1beta1.Pipeline
tekton.dev/v1beta1 PipelineRun = v1beta1.PipelineRun
tekton.dev/v1beta1 StepAction = v1beta1.StepAction
tekton.dev/v1beta1 Task = v1beta1.Task
tekton.dev/v1beta1 TaskRun = v1beta1.TaskRun
apis.Condition: type string, status string, severity? string, lastTransitionTime? time, reason? string, message? string
config.FeatureFlags: disableCredsInit? bool, runningInEnvWithInjectedSidecars? bool, requireGitSSHSecretKnownHosts? bool, enableAPIFields? string, sendCloudEventsForRuns? bool, awaitSidecarReadiness? bool, enforceNonfalsifiability? string, enableKeepPodOnCancel? bool, verificationNoMatchPolicy? string, enableProvenanceInStatus? bool, resultExtractionMethod? string, maxResultSize? int64, setSecurityContext? bool, setSecurityContextReadOnlyRootFilesystem? bool, coschedule? string, enableCELInWhenExpression? bool, enableStepActions? bool, enableParamEnum? bool, enableArtifacts? bool, disableInlineSpec? string, enableConciseResolverSyntax? bool, enableKubernetesSidecar? bool, enableWaitExponentialBackoff? bool, enableTerminationMessageCompression? bool, enableTektonOCIBundles? *bool
core.AWSElasticBlockStoreVolumeSource: volumeID string, fsType? string, partition? int32, readOnly? bool
core.Affinity: nodeAffinity? *core.NodeAffinity, podAffinity? *core.PodAffinity, podAntiAffinity? *core.PodAntiAffinity
core.AppArmorProfile: type string, localhostProfile? *string
core.AzureDiskVolumeSource: diskName string, diskURI string, cachingMode? *string, fsType? *string, readOnly? *bool, kind? *string
core.AzureFileVolumeSource: secretName string, shareName string, readOnly? bool
core.CSIVolumeSource: driver string, readOnly? *bool, fsType? *string, volumeAttributes? {}string, nodePublishSecretRef? *core.LocalObjectReference
core.Capabilities: add? []string, drop? []string
core.CephFSVolumeSource: monitors []string, path? string, user? string, secretFile? string, secretRef? *core.LocalObjectReference, readOnly? bool
core.CinderVolumeSource: volumeID string, fsType? string, readOnly? bool, secretRef? *core.LocalObjectReference
core.ClusterTrustBundleProjection: name? *string, signerName? *string, labelSelector? *meta.LabelSelector, optional? *bool, path string
core.ConfigMapEnvSource: name? string, optional? *bool
core.ConfigMapKeySelector: name? string, key string, optional? *bool
core.ConfigMapProjection: name? string, items? []core.KeyToPath, optional? *bool
core.ConfigMapVolumeSource: name? string, items? []core.KeyToPath, defaultMode? *int32, optional? *bool
core.ContainerPort: name? string, hostPort? int32, containerPort int32, protocol? string, hostIP? string
core.ContainerStateRunning: startedAt? time
core.ContainerStateTerminated: exitCode int32, signal? int32, reason? string, message? string, startedAt? time, finishedAt? time, containerID? string
core.ContainerStateWaiting: reason? string, message? string
core.DownwardAPIProjection: items? []core.DownwardAPIVolumeFile
core.DownwardAPIVolumeFile: path string, fieldRef? *core.ObjectFieldSelector, resourceFieldRef? *core.ResourceFieldSelector, mode? *int32
core.DownwardAPIVolumeSource: items? []core.DownwardAPIVolumeFile, defaultMode? *int32
core.EmptyDirVolumeSource: medium? string, sizeLimit? *quantity
core.EnvFromSource: prefix? string, configMapRef? *core.ConfigMapEnvSource, secretRef? *core.SecretEnvSource
core.EnvVar: name string, value? string, valueFrom? *core.EnvVarSource
core.EnvVarSource: fieldRef? *core.ObjectFieldSelector, resourceFieldRef? *core.ResourceFieldSelector, configMapKeyRef? *core.ConfigMapKeySelector, secretKeyRef? *core.SecretKeySelector, fileKeyRef? *core.FileKeySelector
core.EphemeralVolumeSource: volumeClaimTemplate? *core.PersistentVolumeClaimTemplate
core.ExecAction: command? []string
core.FCVolumeSource: targetWWNs? []string, lun? *int32, fsType? string, readOnly? bool, wwids? []string
core.FileKeySelector: volumeName string, path string, key string, optional? *bool
core.FlexVolumeSource: driver string, fsType? string, secretRef? *core.LocalObjectReference, readOnly? bool, options? {}string
core.FlockerVolumeSource: datasetName? string, datasetUUID? string
core.GCEPersistentDiskVolumeSource: pdName string, fsType? string, partition? int32, readOnly? bool
core.GRPCAction: port int32, service *string
core.GitRepoVolumeSource: repository string, revision? string, directory? string
core.GlusterfsVolumeSource: endpoints string, path string, readOnly? bool
core.HTTPGetAction: path? string, port int-or-string, host? string, scheme? string, httpHeaders? []core.HTTPHeader
core.HTTPHeader: name string, value string
core.HostAlias: ip string, hostnames? []string
core.HostPathVolumeSource: path string, type? *string
core.ISCSIVolumeSource: targetPortal string, iqn string, lun int32, iscsiInterface? string, fsType? string, readOnly? bool, portals? []string, chapAuthDiscovery? bool, chapAuthSession? bool, secretRef? *core.LocalObjectReference, initiatorName? *string
core.ImageVolumeSource: reference? string, pullPolicy? string
core.KeyToPath: key string, path string, mode? *int32
core.Lifecycle: postStart? *core.LifecycleHandler, preStop? *core.LifecycleHandler, stopSignal? *string
core.LifecycleHandler: exec? *core.ExecAction, httpGet? *core.HTTPGetAction, tcpSocket? *core.TCPSocketAction, sleep? *core.SleepAction
core.LocalObjectReference: name? string
core.ModifyVolumeStatus: targetVolumeAttributesClassName? string, status string
core.NFSVolumeSource: server string, path string, readOnly? bool
core.NodeAffinity: requiredDuringSchedulingIgnoredDuringExecution? *core.NodeSelector, preferredDuringSchedulingIgnoredDuringExecution? []core.PreferredSchedulingTerm
core.NodeSelector: nodeSelectorTerms []core.NodeSelectorTerm
core.NodeSelectorRequirement: key string, operator string, values? []string
core.NodeSelectorTerm: matchExpressions? []core.NodeSelectorRequirement, matchFields? []core.NodeSelectorRequirement
core.ObjectFieldSelector: apiVersion? string, fieldPath string
core.PersistentVolumeClaim: kind? string, apiVersion? string, metadata? meta.ObjectMeta, spec? core.PersistentVolumeClaimSpec, status? core.PersistentVolumeClaimStatus
core.PersistentVolumeClaimCondition: type string, status string, lastProbeTime? time, lastTransitionTime? time, reason? string, message? string
core.PersistentVolumeClaimSpec: accessModes? []string, selector? *meta.LabelSelector, resources? core.VolumeResourceRequirements, volumeName? string, storageClassName? *string, volumeMode? *string, dataSource? *core.TypedLocalObjectReference, dataSourceRef? *core.TypedObjectReference, volumeAttributesClassName? *string
core.PersistentVolumeClaimStatus: phase? string, accessModes? []string, capacity? {}quantity, conditions? []core.PersistentVolumeClaimCondition, allocatedResources? {}quantity, allocatedResourceStatuses? {}string, currentVolumeAttributesClassName? *string, modifyVolumeStatus? *core.ModifyVolumeStatus
core.PersistentVolumeClaimTemplate: metadata? meta.ObjectMeta, spec core.PersistentVolumeClaimSpec
core.PersistentVolumeClaimVolumeSource: claimName string, readOnly? bool
core.PhotonPersistentDiskVolumeSource: pdID string, fsType? string
core.PodAffinity: requiredDuringSchedulingIgnoredDuringExecution? []core.PodAffinityTerm, preferredDuringSchedulingIgnoredDuringExecution? []core.WeightedPodAffinityTerm
core.PodAffinityTerm: labelSelector? *meta.LabelSelector, namespaces? []string, topologyKey string, namespaceSelector? *meta.LabelSelector, matchLabelKeys? []string, mismatchLabelKeys? []string
core.PodAntiAffinity: requiredDuringSchedulingIgnoredDuringExecution? []core.PodAffinityTerm, preferredDuringSchedulingIgnoredDuringExecution? []core.WeightedPodAffinityTerm
core.PodCertificateProjection: signerName? string, keyType? string, maxExpirationSeconds? *int32, credentialBundlePath? string, keyPath? string, certificateChainPath? string, userAnnotations? {}string
core.PodDNSConfig: nameservers? []string, searches? []string, options? []core.PodDNSConfigOption
core.PodDNSConfigOption: name? string, value? *string
core.PodSecurityContext: seLinuxOptions? *core.SELinuxOptions, windowsOptions? *core.WindowsSecurityContextOptions, runAsUser? *int64, runAsGroup? *int64, runAsNonRoot? *bool, supplementalGroups? []int64, supplementalGroupsPolicy? *string, fsGroup? *int64, sysctls? []core.Sysctl, fsGroupChangePolicy? *string, seccompProfile? *core.SeccompProfile, appArmorProfile? *core.AppArmorProfile, seLinuxChangePolicy? *string
core.PortworxVolumeSource: volumeID string, fsType? string, readOnly? bool
core.PreferredSchedulingTerm: weight int32, preference core.NodeSelectorTerm
core.Probe: exec? *core.ExecAction, httpGet? *core.HTTPGetAction, tcpSocket? *core.TCPSocketAction, grpc? *core.GRPCAction, initialDelaySeconds? int32, timeoutSeconds? int32, periodSeconds? int32, successThreshold? int32, failureThreshold? int32, terminationGracePeriodSeconds? *int64
core.ProjectedVolumeSource: sources []core.VolumeProjection, defaultMode? *int32
core.QuobyteVolumeSource: registry string, volume string, readOnly? bool, user? string, group? string, tenant? string
core.RBDVolumeSource: monitors []string, image string, fsType? string, pool? string, user? string, keyring? string, secretRef? *core.LocalObjectReference, readOnly? bool
core.ResourceClaim: name string, request? string
core.ResourceFieldSelector: containerName? string, resource string, divisor? quantity
core.ResourceRequirements: limits? {}quantity, requests? {}quantity, claims? []core.ResourceClaim
core.SELinuxOptions: user? string, role? string, type? string, level? string
core.ScaleIOVolumeSource: gateway string, system string, secretRef *core.LocalObjectReference, sslEnabled? bool, protectionDomain? string, storagePool? string, storageMode? string, volumeName? string, fsType? string, readOnly? bool
core.SeccompProfile: type string, localhostProfile? *string
core.SecretEnvSource: name? string, optional? *bool
core.SecretKeySelector: name? string, key string, optional? *bool
core.SecretProjection: name? string, items? []core.KeyToPath, optional? *bool
core.SecretReference: name? string, namespace? string
core.SecretVolumeSource: secretName? string, items? []core.KeyToPath, defaultMode? *int32, optional? *bool
core.SecurityContext: capabilities? *core.Capabilities, privileged? *bool, seLinuxOptions? *core.SELinuxOptions, windowsOptions? *core.WindowsSecurityContextOptions, runAsUser? *int64, runAsGroup? *int64, runAsNonRoot? *bool, readOnlyRootFilesystem? *bool, allowPrivilegeEscalation? *bool, procMount? *string, seccompProfile? *core.SeccompProfile, appArmorProfile? *core.AppArmorProfile
core.ServiceAccountTokenProjection: audience? string, expirationSeconds? *int64, path string
core.SleepAction: seconds int64
core.StorageOSVolumeSource: volumeName? string, volumeNamespace? string, fsType? string, readOnly? bool, secretRef? *core.LocalObjectReference
core.Sysctl: name string, value string
core.TCPSocketAction: port int-or-string, host? string
core.Toleration: key? string, operator? string, value? string, effect? string, tolerationSeconds? *int64
core.TopologySpreadConstraint: maxSkew int32, topologyKey string, whenUnsatisfiable string, labelSelector? *meta.LabelSelector, minDomains? *int32, nodeAffinityPolicy? *string, nodeTaintsPolicy? *string, matchLabelKeys? []string
core.TypedLocalObjectReference: apiGroup *string, kind string, name string
core.TypedObjectReference: apiGroup *string, kind string, name string, namespace? *string
core.Volume: name string, hostPath? *core.HostPathVolumeSource, emptyDir? *core.EmptyDirVolumeSource, gcePersistentDisk? *core.GCEPersistentDiskVolumeSource, awsElasticBlockStore? *core.AWSElasticBlockStoreVolumeSource, gitRepo? *core.GitRepoVolumeSource, secret? *core.SecretVolumeSource, nfs? *core.NFSVolumeSource, iscsi? *core.ISCSIVolumeSource, glusterfs? *core.GlusterfsVolumeSource, persistentVolumeClaim? *core.PersistentVolumeClaimVolumeSource, rbd? *core.RBDVolumeSource, flexVolume? *core.FlexVolumeSource, cinder? *core.CinderVolumeSource, cephfs? *core.CephFSVolumeSource, flocker? *core.FlockerVolumeSource, downwardAPI? *core.DownwardAPIVolumeSource, fc? *core.FCVolumeSource, azureFile? *core.AzureFileVolumeSource, configMap? *core.ConfigMapVolumeSource, vsphereVolume? *core.VsphereVirtualDiskVolumeSource, quobyte? *core.QuobyteVolumeSource, azureDisk? *core.AzureDiskVolumeSource, photonPersistentDisk? *core.PhotonPersistentDiskVolumeSource, projected? *core.ProjectedVolumeSource, portworxVolume? *core.PortworxVolumeSource, scaleIO? *core.ScaleIOVolumeSource, storageos? *core.StorageOSVolumeSource, csi? *core.CSIVolumeSource, ephemeral? *core.EphemeralVolumeSource, image? *core.ImageVolumeSource
core.VolumeDevice: name string, devicePath string
core.VolumeMount: name string, readOnly? bool, recursiveReadOnly? *string, mountPath string, subPath? string, mountPropagation? *string, subPathExpr? string
core.VolumeProjection: secret? *core.SecretProjection, downwardAPI? *core.DownwardAPIProjection, configMap? *core.ConfigMapProjection, serviceAccountToken? *core.ServiceAccountTokenProjection, clusterTrustBundle? *core.ClusterTrustBundleProjection, podCertificate? *core.PodCertificateProjection
core.VolumeResourceRequirements: limits? {}quantity, requests? {}quantity
core.VsphereVirtualDiskVolumeSource: volumePath string, fsType? string, storagePolicyName? string, storagePolicyID? string
core.WeightedPodAffinityTerm: weight int32, podAffinityTerm core.PodAffinityTerm
core.WindowsSecurityContextOptions: gmsaCredentialSpecName? *string, gmsaCredentialSpec? *string, runAsUserName? *string, hostProcess? *bool
meta.LabelSelector: matchLabels? {}string, matchExpressions? []meta.LabelSelectorRequirement
meta.LabelSelectorRequirement: key string, operator string, values? []string
meta.ManagedFieldsEntry: manager? string, operation? string, apiVersion? string, time? *time, fieldsType? string, fieldsV1? *raw, subresource? string
meta.ObjectMeta: name? string, generateName? string, namespace? string, selfLink? string, uid? string, resourceVersion? string, generation? int64, creationTimestamp?~ time, deletionTimestamp? *time, deletionGracePeriodSeconds? *int64, labels? {}string, annotations? {}string, ownerReferences? []meta.OwnerReference, finalizers? []string, managedFields? []meta.ManagedFieldsEntry
meta.OwnerReference: apiVersion string, kind string, name string, uid string, controller? *bool, blockOwnerDeletion? *bool
pod.Template: nodeSelector? {}string, env? []core.EnvVar, tolerations? []core.Toleration, affinity? *core.Affinity, securityContext? *core.PodSecurityContext, volumes? []core.Volume, runtimeClassName? *string, automountServiceAccountToken? *bool, dnsPolicy? *string, dnsConfig? *core.PodDNSConfig, enableServiceLinks? *bool, priorityClassName? *string, schedulerName? string, imagePullSecrets? []core.LocalObjectReference, hostAliases? []core.HostAlias, hostNetwork? bool, hostUsers? *bool, topologySpreadConstraints? []core.TopologySpreadConstraint
resource/v1alpha1.PipelineResourceSpec: description? string, type string, params []resource/v1alpha1.ResourceParam, secrets? []resource/v1alpha1.SecretParam
resource/v1alpha1.ResourceParam: name string, value string
resource/v1alpha1.SecretParam: fieldName string, secretKey string, secretName string
result.RunResult: key string, value string, resourceName? string, type? int64-or-string
run.v1alpha1.RunResult: name string, value string
run.v1alpha1.RunStatus: observedGeneration? int64, conditions? []apis.Condition, annotations? {}string, startTime? *time, completionTime? *time, results? []run.v1alpha1.RunResult, retriesStatus? []run.v1alpha1.RunStatus, extraFields? raw
run.v1beta1.CustomRunResult: name string, value string
run.v1beta1.CustomRunStatus: observedGeneration? int64, conditions? []apis.Condition, annotations? {}string, startTime? *time, completionTime? *time, results? []run.v1beta1.CustomRunResult, retriesStatus? []run.v1beta1.CustomRunStatus, extraFields? raw
v1.Artifact: name? string, values? []v1.ArtifactValue, buildOutput? bool
v1.ArtifactValue: digest? {}string, uri? string
v1.Artifacts: inputs? []v1.Artifact, outputs? []v1.Artifact
v1.ChildStatusReference: apiVersion? string, kind? string, name? string, displayName? string, pipelineTaskName? string, whenExpressions? []v1.WhenExpression
v1.EmbeddedTask: apiVersion? string, kind? string, spec? raw, metadata? v1.PipelineTaskMetadata, params? []v1.ParamSpec, displayName? string, description? string, steps? []v1.Step, volumes? []core.Volume, stepTemplate? *v1.StepTemplate, sidecars? []v1.Sidecar, workspaces? []v1.WorkspaceDeclaration, results? []v1.TaskResult
v1.IncludeParams: name? string, params? []v1.Param
v1.Matrix: params? []v1.Param, include? []v1.IncludeParams
v1.Param: name string, value param-value
v1.ParamSpec: name string, type? string, description? string, properties? {}v1.PropertySpec, default? *param-value, enum? []string
v1.Pipeline: kind? string, apiVersion? string, metadata? meta.ObjectMeta, spec v1.PipelineSpec
v1.PipelineRef: name? string, apiVersion? string, resolver? string, params? []v1.Param
v1.PipelineResult: name string, type? string, description string, value param-value
v1.PipelineRun: kind? string, apiVersion? string, metadata? meta.ObjectMeta, spec? v1.PipelineRunSpec, status? v1.PipelineRunStatus
v1.PipelineRunResult: name string, value param-value
v1.PipelineRunSpec: pipelineRef? *v1.PipelineRef, pipelineSpec? *v1.PipelineSpec, params? []v1.Param, status? string, timeouts? *v1.TimeoutFields, taskRunTemplate? v1.PipelineTaskRunTemplate, workspaces? []v1.WorkspaceBinding, taskRunSpecs? []v1.PipelineTaskRunSpec, managedBy? *string
v1.PipelineRunStatus: observedGeneration? int64, conditions? []apis.Condition, annotations? {}string, startTime? *time, completionTime? *time, results? []v1.PipelineRunResult, pipelineSpec? *v1.PipelineSpec, skippedTasks? []v1.SkippedTask, childReferences? []v1.ChildStatusReference, finallyStartTime? *time, provenance? *v1.Provenance, spanContext? {}string
v1.PipelineSpec: displayName? string, description? string, tasks? []v1.PipelineTask, params? []v1.ParamSpec, workspaces? []v1.PipelineWorkspaceDeclaration, results? []v1.PipelineResult, finally? []v1.PipelineTask
v1.PipelineTask: name? string, displayName? string, description? string, taskRef? *v1.TaskRef, taskSpec? *v1.EmbeddedTask, when? []v1.WhenExpression, retries? int64, runAfter? []string, params? []v1.Param, matrix? *v1.Matrix, workspaces? []v1.WorkspacePipelineTaskBinding, timeout? *duration, pipelineRef? *v1.PipelineRef, pipelineSpec? *v1.PipelineSpec, onError? string
v1.PipelineTaskMetadata: labels? {}string, annotations? {}string
v1.PipelineTaskRunSpec: pipelineTaskName? string, serviceAccountName? string, podTemplate? *pod.Template, stepSpecs? []v1.TaskRunStepSpec, sidecarSpecs? []v1.TaskRunSidecarSpec, metadata? *v1.PipelineTaskMetadata, computeResources? *core.ResourceRequirements, timeout? *duration
v1.PipelineTaskRunTemplate: podTemplate? *pod.Template, serviceAccountName? string
v1.PipelineWorkspaceDeclaration: name string, description? string, optional? bool
v1.PropertySpec: type? string
v1.Provenance: refSource? *v1.RefSource, featureFlags? *config.FeatureFlags
v1.Ref: name? string, resolver? string, params? []v1.Param
v1.RefSource: uri? string, digest? {}string, entryPoint? string
v1.Sidecar: name string, image? string, command? []string, args? []string, workingDir? string, ports? []core.ContainerPort, envFrom? []core.EnvFromSource, env? []core.EnvVar, computeResources? core.ResourceRequirements, volumeMounts? []core.VolumeMount, volumeDevices? []core.VolumeDevice, livenessProbe? *core.Probe, readinessProbe? *core.Probe, startupProbe? *core.Probe, lifecycle? *core.Lifecycle, terminationMessagePath? string, terminationMessagePolicy? string, imagePullPolicy? string, securityContext? *core.SecurityContext, stdin? bool, stdinOnce? bool, tty? bool, script? string, workspaces? []v1.WorkspaceUsage, restartPolicy? *string
v1.SidecarState: waiting? *core.ContainerStateWaiting, running? *core.ContainerStateRunning, terminated? *core.ContainerStateTerminated, name? string, container? string, imageID? string
v1.SkippedTask: name string, reason string, whenExpressions? []v1.WhenExpression
v1.Step: name string, displayName? string, image? string, command? []string, args? []string, workingDir? string, envFrom? []core.EnvFromSource, env? []core.EnvVar, computeResources? core.ResourceRequirements, volumeMounts? []core.VolumeMount, volumeDevices? []core.VolumeDevice, imagePullPolicy? string, securityContext? *core.SecurityContext, script? string, timeout? *duration, workspaces? []v1.WorkspaceUsage, onError? string, stdoutConfig? *v1.StepOutputConfig, stderrConfig? *v1.StepOutputConfig, ref? *v1.Ref, params? []v1.Param, results? []v1.StepResult, when? []v1.WhenExpression
v1.StepOutputConfig: path? string
v1.StepResult: name string, type? string, properties? {}v1.PropertySpec, description? string
v1.StepState: waiting? *core.ContainerStateWaiting, running? *core.ContainerStateRunning, terminated? *core.ContainerStateTerminated, name? string, container? string, imageID? string, results? []v1.TaskRunResult, provenance? *v1.Provenance, terminationReason? string, inputs? []v1.Artifact, outputs? []v1.Artifact
v1.StepTemplate: image? string, command? []string, args? []string, workingDir? string, envFrom? []core.EnvFromSource, env? []core.EnvVar, computeResources? core.ResourceRequirements, volumeMounts? []core.VolumeMount, volumeDevices? []core.VolumeDevice, imagePullPolicy? string, securityContext? *core.SecurityContext
v1.Task: kind? string, apiVersion? string, metadata meta.ObjectMeta, spec v1.TaskSpec
v1.TaskBreakpoints: onFailure? string, beforeSteps? []string
v1.TaskRef: name? string, kind? string, apiVersion? string, resolver? string, params? []v1.Param
v1.TaskResult: name string, type? string, properties? {}v1.PropertySpec, description? string, value? *param-value
v1.TaskRun: kind? string, apiVersion? string, metadata? meta.ObjectMeta, spec? v1.TaskRunSpec, status? v1.TaskRunStatus
v1.TaskRunDebug: breakpoints? *v1.TaskBreakpoints
v1.TaskRunResult: name string, type? string, value param-value
v1.TaskRunSidecarSpec: name string, computeResources core.ResourceRequirements
v1.TaskRunSpec: debug? *v1.TaskRunDebug, params? []v1.Param, serviceAccountName string, taskRef? *v1.TaskRef, taskSpec? *v1.TaskSpec, status? string, statusMessage? string, retries? int64, timeout? *duration, podTemplate? *pod.Template, workspaces? []v1.WorkspaceBinding, stepSpecs? []v1.TaskRunStepSpec, sidecarSpecs? []v1.TaskRunSidecarSpec, computeResources? *core.ResourceRequirements, managedBy? *string
v1.TaskRunStatus: observedGeneration? int64, conditions? []apis.Condition, annotations? {}string, podName string, startTime? *time, completionTime? *time, steps? []v1.StepState, retriesStatus? []v1.TaskRunStatus, results? []v1.TaskRunResult, artifacts? *v1.Artifacts, sidecars? []v1.SidecarState, taskSpec? *v1.TaskSpec, provenance? *v1.Provenance, spanContext? {}string
v1.TaskRunStepSpec: name string, computeResources core.ResourceRequirements
v1.TaskSpec: params? []v1.ParamSpec, displayName? string, description? string, steps? []v1.Step, volumes? []core.Volume, stepTemplate? *v1.StepTemplate, sidecars? []v1.Sidecar, workspaces? []v1.WorkspaceDeclaration, results? []v1.TaskResult
v1.TimeoutFields: pipeline? *duration, tasks? *duration, finally? *duration
v1.WhenExpression: input? string, operator? string, values? []string, cel? string
v1.WorkspaceBinding: name string, subPath? string, volumeClaimTemplate? *core.PersistentVolumeClaim, persistentVolumeClaim? *core.PersistentVolumeClaimVolumeSource, emptyDir? *core.EmptyDirVolumeSource, configMap? *core.ConfigMapVolumeSource, secret? *core.SecretVolumeSource, projected? *core.ProjectedVolumeSource, csi? *core.CSIVolumeSource
v1.WorkspaceDeclaration: name string, description? string, mountPath? string, readOnly? bool, optional? bool
v1.WorkspacePipelineTaskBinding: name string, workspace? string, subPath? string
v1.WorkspaceUsage: name string, mountPath string
v1alpha1.Authority: name string, key? *v1alpha1.KeyRef
v1alpha1.EmbeddedRunSpec: apiVersion? string, kind? string, metadata? v1beta1.PipelineTaskMetadata, spec? raw
v1alpha1.KeyRef: secretRef? *core.SecretReference, data? string, kms? string, hashAlgorithm? string
v1alpha1.ResourcePattern: pattern string
v1alpha1.Run: kind? string, apiVersion? string, metadata? meta.ObjectMeta, spec? v1alpha1.RunSpec, status? run.v1alpha1.RunStatus
v1alpha1.RunSpec: ref? *v1beta1.TaskRef, spec? *v1alpha1.EmbeddedRunSpec, params? []v1beta1.Param, status? string, statusMessage? string, retries? int64, serviceAccountName string, podTemplate? *pod.Template, timeout? *duration, workspaces? []v1beta1.WorkspaceBinding
v1alpha1.StepAction: kind? string, apiVersion? string, metadata meta.ObjectMeta, spec v1alpha1.StepActionSpec
v1alpha1.StepActionSpec: description? string, image? string, command? []string, args? []string, env? []core.EnvVar, script? string, workingDir? string, params? []v1.ParamSpec, results? []v1.StepResult, securityContext? *core.SecurityContext, volumeMounts? []core.VolumeMount
v1alpha1.VerificationPolicy: kind? string, apiVersion? string, metadata meta.ObjectMeta, spec v1alpha1.VerificationPolicySpec
v1alpha1.VerificationPolicySpec: resources []v1alpha1.ResourcePattern, authorities []v1alpha1.Authority, mode? string
v1beta1.Artifact: name? string, values? []v1beta1.ArtifactValue, buildOutput? bool
v1beta1.ArtifactValue: digest? {}string, uri? string
v1beta1.ChildStatusReference: apiVersion? string, kind? string, name? string, displayName? string, pipelineTaskName? string, whenExpressions? []v1beta1.WhenExpression
v1beta1.CloudEventDelivery: target? string, status? v1beta1.CloudEventDeliveryState
v1beta1.CloudEventDeliveryState: condition? string, sentAt? *time, message string, retryCount int32
v1beta1.ConfigSource: uri? string, digest? {}string, entryPoint? string
v1beta1.CustomRun: kind? string, apiVersion? string, metadata? meta.ObjectMeta, spec? v1beta1.CustomRunSpec, status? run.v1beta1.CustomRunStatus
v1beta1.CustomRunSpec: customRef? *v1beta1.TaskRef, customSpec? *v1beta1.EmbeddedCustomRunSpec, params? []v1beta1.Param, status? string, statusMessage? string, retries? int64, serviceAccountName string, timeout? *duration, workspaces? []v1beta1.WorkspaceBinding
v1beta1.EmbeddedCustomRunSpec: apiVersion? string, kind? string, metadata? v1beta1.PipelineTaskMetadata, spec? raw
v1beta1.EmbeddedTask: apiVersion? string, kind? string, spec? raw, metadata? v1beta1.PipelineTaskMetadata, resources? *v1beta1.TaskResources, params? []v1beta1.ParamSpec, displayName? string, description? string, steps? []v1beta1.Step, volumes? []core.Volume, stepTemplate? *v1beta1.StepTemplate, sidecars? []v1beta1.Sidecar, workspaces? []v1beta1.WorkspaceDeclaration, results? []v1beta1.TaskResult
v1beta1.IncludeParams: name? string, params? []v1beta1.Param
v1beta1.Matrix: params? []v1beta1.Param, include? []v1beta1.IncludeParams
v1beta1.Param: name string, value param-value
v1beta1.ParamSpec: name string, type? string, description? string, properties? {}v1beta1.PropertySpec, default? *param-value, enum? []string
v1beta1.Pipeline: kind? string, apiVersion? string, metadata? meta.ObjectMeta, spec v1beta1.PipelineSpec
v1beta1.PipelineDeclaredResource: name string, type string, optional? bool
v1beta1.PipelineRef: name? string, apiVersion? string, bundle? string, resolver? string, params? []v1beta1.Param
v1beta1.PipelineResourceBinding: name? string, resourceRef? *v1beta1.PipelineResourceRef, resourceSpec? *resource/v1alpha1.PipelineResourceSpec
v1beta1.PipelineResourceRef: name? string, apiVersion? string
v1beta1.PipelineResult: name string, type? string, description string, value param-value
v1beta1.PipelineRun: kind? string, apiVersion? string, metadata? meta.ObjectMeta, spec? v1beta1.PipelineRunSpec, status? v1beta1.PipelineRunStatus
v1beta1.PipelineRunResult: name string, value param-value
v1beta1.PipelineRunRunStatus: pipelineTaskName? string, status? *run.v1beta1.CustomRunStatus, whenExpressions? []v1beta1.WhenExpression
v1beta1.PipelineRunSpec: pipelineRef? *v1beta1.PipelineRef, pipelineSpec? *v1beta1.PipelineSpec, resources? []v1beta1.PipelineResourceBinding, params? []v1beta1.Param, serviceAccountName? string, status? string, timeouts? *v1beta1.TimeoutFields, timeout? *duration, podTemplate? *pod.Template, workspaces? []v1beta1.WorkspaceBinding, taskRunSpecs? []v1beta1.PipelineTaskRunSpec, managedBy? *string
v1beta1.PipelineRunStatus: observedGeneration? int64, conditions? []apis.Condition, annotations? {}string, startTime? *time, completionTime? *time, taskRuns? {}*v1beta1.PipelineRunTaskRunStatus, runs? {}*v1beta1.PipelineRunRunStatus, pipelineResults? []v1beta1.PipelineRunResult, pipelineSpec? *v1beta1.PipelineSpec, skippedTasks? []v1beta1.SkippedTask, childReferences? []v1beta1.ChildStatusReference, finallyStartTime? *time, provenance? *v1beta1.Provenance, spanContext? {}string
v1beta1.PipelineRunTaskRunStatus: pipelineTaskName? string, status? *v1beta1.TaskRunStatus, whenExpressions? []v1beta1.WhenExpression
v1beta1.PipelineSpec: displayName? string, description? string, resources? []v1beta1.PipelineDeclaredResource, tasks? []v1beta1.PipelineTask, params? []v1beta1.ParamSpec, workspaces? []v1beta1.PipelineWorkspaceDeclaration, results? []v1beta1.PipelineResult, finally? []v1beta1.PipelineTask
v1beta1.PipelineTask: name? string, displayName? string, description? string, taskRef? *v1beta1.TaskRef, taskSpec? *v1beta1.EmbeddedTask, when? []v1beta1.WhenExpression, retries? int64, runAfter? []string, resources? *v1beta1.PipelineTaskResources, params? []v1beta1.Param, matrix? *v1beta1.Matrix, workspaces? []v1beta1.WorkspacePipelineTaskBinding, timeout? *duration, pipelineRef? *v1beta1.PipelineRef, pipelineSpec? *v1beta1.PipelineSpec, onError? string
v1beta1.PipelineTaskInputResource: name string, resource string, from? []string
v1beta1.PipelineTaskMetadata: labels? {}string, annotations? {}string
v1beta1.PipelineTaskOutputResource: name string, resource string
v1beta1.PipelineTaskResources: inputs? []v1beta1.PipelineTaskInputResource, outputs? []v1beta1.PipelineTaskOutputResource
v1beta1.PipelineTaskRunSpec: pipelineTaskName? string, taskServiceAccountName? string, taskPodTemplate? *pod.Template, stepOverrides? []v1beta1.TaskRunStepOverride, sidecarOverrides? []v1beta1.TaskRunSidecarOverride, metadata? *v1beta1.PipelineTaskMetadata, computeResources? *core.ResourceRequirements, timeout? *duration
v1beta1.PipelineWorkspaceDeclaration: name string, description? string, optional? bool
v1beta1.PropertySpec: type? string
v1beta1.Provenance: configSource? *v1beta1.ConfigSource, refSource? *v1beta1.RefSource, featureFlags? *config.FeatureFlags
v1beta1.Ref: name? string, resolver? string, params? []v1beta1.Param
v1beta1.RefSource: uri? string, digest? {}string, entryPoint? string
v1beta1.Sidecar: name string, image? string, command? []string, args? []string, workingDir? string, ports? []core.ContainerPort, envFrom? []core.EnvFromSource, env? []core.EnvVar, resources? core.ResourceRequirements, volumeMounts? []core.VolumeMount, volumeDevices? []core.VolumeDevice, livenessProbe? *core.Probe, readinessProbe? *core.Probe, startupProbe? *core.Probe, lifecycle? *core.Lifecycle, terminationMessagePath? string, terminationMessagePolicy? string, imagePullPolicy? string, securityContext? *core.SecurityContext, stdin? bool, stdinOnce? bool, tty? bool, script? string, workspaces? []v1beta1.WorkspaceUsage, restartPolicy? *string
v1beta1.SidecarState: waiting? *core.ContainerStateWaiting, running? *core.ContainerStateRunning, terminated? *core.ContainerStateTerminated, name? string, container? string, imageID? string
v1beta1.SkippedTask: name string, reason string, whenExpressions? []v1beta1.WhenExpression
v1beta1.Step: name string, displayName? string, image? string, command? []string, args? []string, workingDir? string, ports? []core.ContainerPort, envFrom? []core.EnvFromSource, env? []core.EnvVar, resources? core.ResourceRequirements, volumeMounts? []core.VolumeMount, volumeDevices? []core.VolumeDevice, livenessProbe? *core.Probe, readinessProbe? *core.Probe, startupProbe? *core.Probe, lifecycle? *core.Lifecycle, terminationMessagePath? string, terminationMessagePolicy? string, imagePullPolicy? string, securityContext? *core.SecurityContext, stdin? bool, stdinOnce? bool, tty? bool, script? string, timeout? *duration, workspaces? []v1beta1.WorkspaceUsage, onError? string, stdoutConfig? *v1beta1.StepOutputConfig, stderrConfig? *v1beta1.StepOutputConfig, ref? *v1beta1.Ref, params? []v1beta1.Param, results? []v1.StepResult, when? []v1beta1.WhenExpression
v1beta1.StepAction: kind? string, apiVersion? string, metadata meta.ObjectMeta, spec v1beta1.StepActionSpec
v1beta1.StepActionSpec: description? string, image? string, command? []string, args? []string, env? []core.EnvVar, script? string, workingDir? string, params? []v1.ParamSpec, results? []v1.StepResult, securityContext? *core.SecurityContext, volumeMounts? []core.VolumeMount
v1beta1.StepOutputConfig: path? string
v1beta1.StepState: waiting? *core.ContainerStateWaiting, running? *core.ContainerStateRunning, terminated? *core.ContainerStateTerminated, name? string, container? string, imageID? string, results? []v1beta1.TaskRunResult, provenance? *v1beta1.Provenance, inputs? []v1beta1.Artifact, outputs? []v1beta1.Artifact
v1beta1.StepTemplate: name? string, image? string, command? []string, args? []string, workingDir? string, ports? []core.ContainerPort, envFrom? []core.EnvFromSource, env? []core.EnvVar, resources? core.ResourceRequirements, volumeMounts? []core.VolumeMount, volumeDevices? []core.VolumeDevice, livenessProbe? *core.Probe, readinessProbe? *core.Probe, startupProbe? *core.Probe, lifecycle? *core.Lifecycle, terminationMessagePath? string, terminationMessagePolicy? string, imagePullPolicy? string, securityContext? *core.SecurityContext, stdin? bool, stdinOnce? bool, tty? bool
v1beta1.Task: kind? string, apiVersion? string, metadata meta.ObjectMeta, spec v1beta1.TaskSpec
v1beta1.TaskBreakpoints: onFailure? string, beforeSteps? []string
v1beta1.TaskRef: name? string, kind? string, apiVersion? string, bundle? string, resolver? string, params? []v1beta1.Param
v1beta1.TaskResource: name string, type string, description? string, targetPath? string, optional? bool
v1beta1.TaskResourceBinding: name? string, resourceRef? *v1beta1.PipelineResourceRef, resourceSpec? *resource/v1alpha1.PipelineResourceSpec, paths? []string
v1beta1.TaskResources: inputs? []v1beta1.TaskResource, outputs? []v1beta1.TaskResource
v1beta1.TaskResult: name string, type? string, properties? {}v1beta1.PropertySpec, description? string, value? *param-value
v1beta1.TaskRun: kind? string, apiVersion? string, metadata? meta.ObjectMeta, spec? v1beta1.TaskRunSpec, status? v1beta1.TaskRunStatus
v1beta1.TaskRunDebug: breakpoints? *v1beta1.TaskBreakpoints
v1beta1.TaskRunResources: inputs? []v1beta1.TaskResourceBinding, outputs? []v1beta1.TaskResourceBinding
v1beta1.TaskRunResult: name string, type? string, value param-value
v1beta1.TaskRunSidecarOverride: name string, resources core.ResourceRequirements
v1beta1.TaskRunSpec: debug? *v1beta1.TaskRunDebug, params? []v1beta1.Param, resources? *v1beta1.TaskRunResources, serviceAccountName string, taskRef? *v1beta1.TaskRef, taskSpec? *v1beta1.TaskSpec, status? string, statusMessage? string, retries? int64, timeout? *duration, podTemplate? *pod.Template, workspaces? []v1beta1.WorkspaceBinding, stepOverrides? []v1beta1.TaskRunStepOverride, sidecarOverrides? []v1beta1.TaskRunSidecarOverride, computeResources? *core.ResourceRequirements, managedBy? *string
v1beta1.TaskRunStatus: observedGeneration? int64, conditions? []apis.Condition, annotations? {}string, podName string, startTime? *time, completionTime? *time, steps? []v1beta1.StepState, cloudEvents? []v1beta1.CloudEventDelivery, retriesStatus? []v1beta1.TaskRunStatus, resourcesResult? []result.RunResult, taskResults? []v1beta1.TaskRunResult, sidecars? []v1beta1.SidecarState, taskSpec? *v1beta1.TaskSpec, provenance? *v1beta1.Provenance, spanContext? {}string
v1beta1.TaskRunStepOverride: name string, resources core.ResourceRequirements
v1beta1.TaskSpec: resources? *v1beta1.TaskResources, params? []v1beta1.ParamSpec, displayName? string, description? string, steps? []v1beta1.Step, volumes? []core.Volume, stepTemplate? *v1beta1.StepTemplate, sidecars? []v1beta1.Sidecar, workspaces? []v1beta1.WorkspaceDeclaration, results? []v1beta1.TaskResult
v1beta1.TimeoutFields: pipeline? *duration, tasks? *duration, finally? *duration
v1beta1.WhenExpression: input? string, operator? string, values? []string, cel? string
v1beta1.WorkspaceBinding: name string, subPath? string, volumeClaimTemplate? *core.PersistentVolumeClaim, persistentVolumeClaim? *core.PersistentVolumeClaimVolumeSource, emptyDir? *core.EmptyDirVolumeSource, configMap? *core.ConfigMapVolumeSource, secret? *core.SecretVolumeSource, projected? *core.ProjectedVolumeSource, csi? *core.CSIVolumeSource
v1beta1.WorkspaceDeclaration: name string, description? string, mountPath? string, readOnly? bool, optional? bool
v1beta1.WorkspacePipelineTaskBinding: name string, workspace? string, subPath? string
v1beta1.WorkspaceUsage: name string, mountPath string
`;
