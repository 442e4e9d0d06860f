import type { ErrorFamily } from './error-family.js';

export const machineErrors = {
  page: 'machine',
  title: 'This machine',
  intro: 'The disk, permissions, a port, a missing program or another process prevents the run.',
  errors: {
    DISK_FULL: {
      means: 'The disk is full or the quota is used up. Existing files are unchanged.',
      example: 'Cannot write "bundles.lock": the disk is full',
      remedy: 'Free some space, or move the state with `--state-dir`.',
    },
    NOT_WRITABLE: {
      means: 'A file or directory cannot be written.',
      example: 'Cannot make the directory "schemas": a file has that name, a directory is wanted',
      remedy: 'Grant the permission. In a read-only checkout, run with `--frozen --state-dir DIRECTORY`.',
    },
    NOT_READABLE: {
      means: 'A file or directory exists but cannot be read, or is of the wrong kind.',
      example: 'Cannot read "pipelines": it is a directory, a file is wanted',
      remedy: 'Grant the permission, or name another file.',
    },
    BUSY: {
      means: 'Another process has held a file lock for longer than the time limit.',
      example: 'Cannot take the lock ".bundles/lock": process 4711 on ci-7 still holds it after 2.0 s',
      remedy: 'Wait until that process has ended, then run again. Locks of dead processes are taken over.',
    },
    ADDRESS_IN_USE: {
      means: 'Another program listens on the port that a server of ours should use.',
      example: 'Cannot listen on "127.0.0.1:5055": another program does',
      remedy: 'End that program, or choose another port with `--port`; `--port 0` takes a free one.',
    },
    PACKAGE_MISSING: {
      means:
        'The command needs an optional package that is not installed. `details.package` is `@kubernetes/client-node` (clusters), or `@electric-sql/pglite` or `pg` (the embedded catalog). The GitHub Action and `bundles.mjs` have none of the three.',
      example:
        'Cannot load the package "@kubernetes/client-node": access to a Kubernetes cluster needs it, and it is not installed',
      remedy:
        'Run the command in the hint (`details.install`) in the project that has `tekton-bundles`, and run `npx tekton-bundles` there. In a workflow, replace the action by a step with `npm ci` and one with `npx tekton-bundles COMMAND`.',
    },
    ENGINE_NOT_FOUND: {
      means: 'None of podman, buildah and docker is on the PATH, or the engine that `--engine` names is not.',
      example: 'Cannot find a container engine: podman, buildah or docker is not on the PATH',
      remedy: 'Install one of them, or name an installed one with `--engine`.',
    },
    ENGINE_FAILED: {
      means:
        'The container engine failed, and the image is not the cause. Its service does not answer, quit during the build (`unexpected EOF`, exit status 125), held a storage lock too long, or was killed. The build was retried where that can help.',
      example:
        'Cannot build the image "api": server probably quit: unexpected EOF (all output: .bundles/images/api.log)',
      remedy:
        'Check that the engine answers (`podman info`; on a Mac, `podman machine start`), and run again.',
    },
    ENGINE_UNSUPPORTED: {
      means:
        'The container engine is too old for an option that the build needs. `details` has the option, the version that was found and the version that is required.',
      example:
        'Cannot build the image "api": unknown flag: --ignorefile (found podman 2.2.1, wanted podman 3.0 or later) (all output: .bundles/images/api.log)',
      remedy: 'Install that version or a later one, or use another engine with `--engine`.',
    },
    RESOURCES_LOW: {
      means:
        'Too little disk or memory is free for a build, so none was started. `details` holds what is free, what is required and which limit applies (a control group, the podman machine or the disk).',
      example: "Cannot start a build: 512 MiB of memory are free in the engine's machine, wanted 1024 MiB",
      remedy:
        'Free some (`npx tekton-bundles images prune` lists what it would remove), run fewer builds, give the podman machine more, or lower the requirement with `--min-disk` and `--min-memory`.',
    },
    BUILD_TIMEOUT: {
      means: 'A build took longer than `--build-timeout` and was ended.',
      example:
        'Cannot build the image "api": it took longer than 2 s and was ended (all output: .bundles/images/api.log)',
      remedy: 'Read the end of its output, and raise the limit if the build needs more time.',
    },
    SLOT_TIMEOUT: {
      means:
        'No build slot became free within `--wait-timeout`. `details.holders` lists the processes that hold the slots, `details.stopped` those of them that are stopped.',
      example:
        'Cannot wait longer for a build slot in "/tmp/slots": none became free within 60 s, held by the processes 4711',
      remedy: 'Continue a stopped process (`kill -CONT PID`) or end it, or wait longer.',
    },
    SLOTS_UNSAFE: {
      means:
        "The directory of the build slots cannot be shared safely. It is missing, a symbolic link, owned by another user, or writable for all without the sticky bit, or root's file `limit` in it is not a number.",
      example: 'Cannot use the build slots in "/tmp/slots": it is a symbolic link',
      remedy:
        'Have an administrator create it once (`install -d -m 1777 DIRECTORY`), or name a directory of your own.',
    },
  },
} as const satisfies ErrorFamily;
