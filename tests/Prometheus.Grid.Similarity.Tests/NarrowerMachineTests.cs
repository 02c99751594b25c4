using System.Diagnostics;
using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity.Tests;

/// <summary>The engine on processors that have less than this one, each in a process of its own: what they can do is decided once, at its start.</summary>
public sealed class NarrowerMachineTests
{
    private const string ExpectedKernel = "GRID_TEST_EXPECTED_KERNEL";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "AVX-512", "AVX-VNNI", "AVX2")]
    [InlineData("DOTNET_EnableAVX2", "AVX-512", "AVX-VNNI", "AVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic", "AVX-512", "AVX-VNNI", "AVX2", "SSSE3", "NEON")]
    public async Task Answers_are_exact_on_a_processor_without(string instructions, params string[] lost)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(ExpectedKernel) is not null, "runs in the process that such a test has started");
        string[] kept = [.. NibbleKernel.Supported().Select(kernel => kernel.Name)];
        string expected = kept.First(name => instructions == "DOTNET_EnableAVX512" ? name != lost[0] : !lost.Contains(name));
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["-class", typeof(KernelTests).FullName!, "-class", typeof(ExactnessTests).FullName!, "-class", typeof(NarrowerMachineTests).FullName!, "-noColor", "-noLogo"])
        {
            RedirectStandardOutput = true,
            Environment = { [instructions] = "0", [ExpectedKernel] = expected },
        };
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
    }

    [Fact]
    public void The_kernel_in_use_is_the_widest_that_the_processor_has()
    {
        Assert.Equal(Environment.GetEnvironmentVariable(ExpectedKernel) ?? Widest(), Searcher.KernelName);

        static string Widest() =>
            System.Runtime.Intrinsics.X86.Avx512BW.IsSupported ? "AVX-512"
            : System.Runtime.Intrinsics.X86.AvxVnni.IsSupported ? "AVX-VNNI"
            : System.Runtime.Intrinsics.X86.Avx2.IsSupported ? "AVX2"
            : System.Runtime.Intrinsics.X86.Ssse3.IsSupported ? "SSSE3"
            : System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported ? "NEON"
            : "scalar";
    }
}
