// Scenarios start silos and servers of their own and hear nobody else's faults, but a machine has only so many cores.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
