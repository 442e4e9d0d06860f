/**
 * The structs of `field-table.ts` that earlier versions of Tekton have in another form, written by `npm run fields` from
 * the types of 1.9.0 and 1.13.0.
 */
export const olderStructs = {
  '1.9': `
core.EnvVarSource: fieldRef? *core.ObjectFieldSelector, resourceFieldRef? *core.ResourceFieldSelector, configMapKeyRef? *core.ConfigMapKeySelector, secretKeyRef? *core.SecretKeySelector
core.Lifecycle: postStart? *core.LifecycleHandler, preStop? *core.LifecycleHandler
core.VolumeProjection: secret? *core.SecretProjection, downwardAPI? *core.DownwardAPIProjection, configMap? *core.ConfigMapProjection, serviceAccountToken? *core.ServiceAccountTokenProjection, clusterTrustBundle? *core.ClusterTrustBundleProjection
meta.ObjectMeta: name? string, generateName? string, namespace? string, selfLink? string, uid? string, resourceVersion? string, generation? int64, creationTimestamp? time, deletionTimestamp? *time, deletionGracePeriodSeconds? *int64, labels? {}string, annotations? {}string, ownerReferences? []meta.OwnerReference, finalizers? []string, managedFields? []meta.ManagedFieldsEntry
v1beta1.StepTemplate: name string, image? string, command? []string, args? []string, workingDir? string, ports? []core.ContainerPort, envFrom? []core.EnvFromSource, env? []core.EnvVar, resources? core.ResourceRequirements, volumeMounts? []core.VolumeMount, volumeDevices? []core.VolumeDevice, livenessProbe? *core.Probe, readinessProbe? *core.Probe, startupProbe? *core.Probe, lifecycle? *core.Lifecycle, terminationMessagePath? string, terminationMessagePolicy? string, imagePullPolicy? string, securityContext? *core.SecurityContext, stdin? bool, stdinOnce? bool, tty? bool
`,
  '1.13': `
v1beta1.StepTemplate: name string, image? string, command? []string, args? []string, workingDir? string, ports? []core.ContainerPort, envFrom? []core.EnvFromSource, env? []core.EnvVar, resources? core.ResourceRequirements, volumeMounts? []core.VolumeMount, volumeDevices? []core.VolumeDevice, livenessProbe? *core.Probe, readinessProbe? *core.Probe, startupProbe? *core.Probe, lifecycle? *core.Lifecycle, terminationMessagePath? string, terminationMessagePolicy? string, imagePullPolicy? string, securityContext? *core.SecurityContext, stdin? bool, stdinOnce? bool, tty? bool
`,
} as const;
