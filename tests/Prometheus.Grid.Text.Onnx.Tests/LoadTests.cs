using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Models;
using Prometheus.Grid.Tests.Onnx;

namespace Prometheus.Grid.Text.Onnx.Tests;

/// <summary>A model that is missing, damaged or not the one that its manifest describes is refused in words that say what to do.</summary>
public sealed class LoadTests
{
    private const string Parameters = """{ "max_tokens": 48 }""";

    [Fact]
    public async Task A_model_that_is_not_installed_says_how_to_install_it()
    {
        var model = Install("missing");
        File.Delete(GraphOf(model));
        var error = await Assert.ThrowsAsync<NotFoundException>(() => SmallModel.LoadAsync(model));
        Assert.Contains("grid models pull missing", error.Message, StringComparison.Ordinal);
        Assert.Contains("--model-id text-lsa-v1 needs nothing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_file_of_the_same_size_is_refused_and_the_right_one_works_from_then_on()
    {
        var model = Install("exchanged");
        byte[] right = File.ReadAllBytes(GraphOf(model));
        File.WriteAllBytes(GraphOf(model), SmallModel.Shape.ToBytes(SmallModel.Seed + 1));
        var encoder = await SmallModel.LoadAsync(model);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => SmallModel.EncodeAsync(encoder, ["gold"]));
        Assert.Contains($"the manifest says {model.Files[0].Sha256}", error.Message, StringComparison.Ordinal);
        Assert.Contains("another export (int8, fp16) is another model", error.Message, StringComparison.Ordinal);
        File.WriteAllBytes(GraphOf(model), right);
        Assert.Single(await SmallModel.EncodeAsync(encoder, ["gold"]));
    }

    [Fact]
    public async Task A_model_is_not_read_before_it_has_a_document()
    {
        var model = Install("unread");
        File.WriteAllBytes(GraphOf(model), []);
        var encoder = await SmallModel.LoadAsync(model);
        Assert.Equal(SmallModel.Dimension, encoder.Dimension);
        Assert.NotNull(encoder.Fingerprint);
        Assert.Empty(await SmallModel.EncodeAsync(encoder, []));
        await Assert.ThrowsAsync<GridFaultException>(() => SmallModel.EncodeAsync(encoder, ["gold"]));
    }

    [Fact]
    public async Task What_is_no_graph_is_refused()
    {
        var model = SmallModel.Install("no-graph", "not a graph"u8.ToArray(), Parameters);
        Assert.Contains("cannot be loaded", await RefusalAsync(model), StringComparison.Ordinal);
    }

    /// <summary>CVE-2024-27318, CVE-2025-51480: a graph may say that its numbers stand in another file, and so have any file read that the process may read.</summary>
    [Theory]
    [InlineData("../secret.bin")]
    [InlineData("sub/../../secret.bin")]
    [InlineData("/etc/hostname")]
    public async Task A_graph_that_names_a_file_outside_its_folder_is_refused(string location)
    {
        // Two graphs behind one another are one: the parts of a message that comes twice are joined.
        var leak = new OnnxGraph("leak");
        leak.Node("Identity", [leak.External("secret", location, 1)], "leaked");
        leak.Output("leaked", OnnxType.Single, 1);
        var model = SmallModel.Install("external", [.. SmallModel.Shape.ToBytes(SmallModel.Seed), .. leak.ToBytes()], Parameters);
        File.WriteAllText(Path.Combine(model.Folder!, "..", "secret.bin"), "hunter2!");
        string message = await RefusalAsync(model);
        Assert.Contains("cannot be loaded", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_graph_of_another_dimension_is_refused() => Assert.Contains(
        "disagree: the graph gives vectors of 32, the manifest says dimension 64",
        await RefusalAsync(Install("dimension") with { Dimension = 64 }), StringComparison.Ordinal);

    [Fact]
    public async Task A_graph_with_another_output_is_refused() => Assert.Contains(
        "has no output last_hidden_state or token_embeddings, but vectors; parameters.output names",
        await RefusalAsync(SmallModel.Install("output", (SmallModel.Shape with { OutputName = "vectors" }).ToBytes(SmallModel.Seed), Parameters)),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_manifest_that_allows_more_tokens_than_the_graph_is_told_by_the_first_long_document()
    {
        var encoder = await SmallModel.LoadAsync(SmallModel.Install("positions", SmallModel.Shape.ToBytes(SmallModel.Seed), """{ "max_tokens": 480 }"""));
        Assert.Single(await SmallModel.EncodeAsync(encoder, ["gold bank"]));
        var error = await Assert.ThrowsAsync<GridFaultException>(
            () => SmallModel.EncodeAsync(encoder, [string.Join(' ', Enumerable.Repeat("gold", 100))]));
        Assert.Contains("failed on sequences of 102 tokens", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "max_tokens": 2 }""", "parameters.max_tokens is '2'")]
    [InlineData("""{ "max_tokens": 48, "pooling": "sum" }""", "parameters.pooling is 'sum'; allowed: mean or cls")]
    [InlineData("""{ "max_tokens": 48, "normalise": "yes" }""", "parameters.normalise is 'yes'; allowed: true or false")]
    [InlineData("""{ "max_tokens": 48, "window_overlap": 46 }""", "parameters.window_overlap is '46'")]
    [InlineData("""{ "max_tokens": 48, "windows": 2 }""", "parameters is 'windows'; allowed: pooling, max_tokens")]
    public async Task A_parameter_out_of_range_is_bad_input(string parameters, string message)
    {
        var model = SmallModel.Install("parameters", SmallModel.Shape.ToBytes(SmallModel.Seed), parameters);
        var error = await Assert.ThrowsAsync<BadInputException>(() => SmallModel.LoadAsync(model));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_is_spelt_in_one_of_three_ways()
    {
        var error = Assert.Throws<BadInputException>(() => new EncoderRegistry().AddTransformer(new TransformerOptions { Device = "tpu" }));
        Assert.Contains("'tpu'; allowed: cpu, cuda or cuda:N", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gpu_that_is_not_there_is_an_error_that_says_what_it_needs()
    {
        var encoder = await SmallModel.LoadAsync(Install("cuda"), new TransformerOptions { Device = "cuda:9" });
        var error = await Assert.ThrowsAsync<GridFaultException>(() => SmallModel.EncodeAsync(encoder, ["gold"]));
        Assert.Contains("device cuda:9 is not available", error.Message, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", error.Message, StringComparison.Ordinal);
    }

    private static ModelManifest Install(string modelId) => SmallModel.Install(modelId, SmallModel.Shape.ToBytes(SmallModel.Seed), Parameters);

    private static string GraphOf(ModelManifest model) => ModelFiles.PathOf(model, model.Files[0].Name);

    private static async Task<string> RefusalAsync(ModelManifest model)
    {
        var encoder = await SmallModel.LoadAsync(model);
        return (await Assert.ThrowsAsync<GridFaultException>(() => SmallModel.EncodeAsync(encoder, ["gold"]))).Message;
    }
}
