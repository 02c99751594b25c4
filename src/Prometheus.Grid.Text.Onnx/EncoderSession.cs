using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>A transformer's graph, ready to run. Thread-safe; a caller brings its own <see cref="RunBuffers"/>.</summary>
internal sealed class EncoderSession : IDisposable
{
    private const string Ids = "input_ids", Mask = "attention_mask", Types = "token_type_ids";
    private static readonly string[] s_usualOutputs = ["last_hidden_state", "token_embeddings"];

    private readonly InferenceSession _session;
    private readonly string _path;
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    // Half-precision exports may write float16.
    private readonly bool _isHalf;

    private EncoderSession(InferenceSession session, string path, string output)
    {
        _session = session;
        _path = path;
        _inputs = [.. session.InputMetadata.ContainsKey(Types) ? (string[])[Ids, Mask, Types] : [Ids, Mask]];
        _outputs = [output];
        _isHalf = session.OutputMetadata[output].ElementDataType == TensorElementType.Float16;
    }

    /// <summary>Loads a graph and holds it against its manifest.</summary>
    /// <exception cref="GridFaultException">The file is no such graph, or not the one that the manifest describes; or the device is not there.</exception>
    public static EncoderSession Open(string path, TransformerManifest manifest, TransformerOptions options)
    {
        using var settings = Settings(options);
        InferenceSession session;
        try
        {
            session = new InferenceSession(path, settings);
        }
        catch (OnnxRuntimeException error)
        {
            throw new GridFaultException($"{path} cannot be loaded: {error.Message}", innerException: error);
        }
        try
        {
            return new EncoderSession(session, path, Check(session, path, manifest));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Computes the vectors of all tokens of the batch in <paramref name="buffers"/>.</summary>
    /// <exception cref="GridFaultException">The graph failed, for example since a sequence is longer than its positions.</exception>
    public void Run(RunBuffers buffers, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var run = new RunOptions();
        using var registration = cancellationToken.Register(() => run.Terminate = true);
        using var batch = buffers.Bind(_inputs.Length, _isHalf);
        try
        {
            _session.Run(run, _inputs, batch.Inputs, _outputs, batch.Outputs);
            if (_isHalf)
                buffers.Widen();
        }
        catch (OnnxRuntimeException error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new GridFaultException($"{_path} failed on sequences of {buffers.Length} tokens: {error.Message}", innerException: error);
        }
    }

    public void Dispose() => _session.Dispose();

    private static SessionOptions Settings(TransformerOptions options)
    {
        // The runtime writes to stderr what its exceptions say again.
        OrtEnv.Instance().EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
        // Shapes change from run to run: a memory plan a shape would be made and kept for nothing.
        var settings = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            if (options.CudaDevice is { } device)
                settings.AppendExecutionProvider_CUDA(device);
            return settings;
        }
        catch (Exception error) when (error is OnnxRuntimeException or EntryPointNotFoundException)
        {
            settings.Dispose();
            throw new GridFaultException(
                $"device {options.Device} is not available: {error.Message}; it needs a GPU, its driver, and the package "
                    + "Microsoft.ML.OnnxRuntime.Gpu in the place of Microsoft.ML.OnnxRuntime; device cpu needs nothing",
                innerException: error);
        }
    }

    private static string Check(InferenceSession session, string path, TransformerManifest manifest)
    {
        foreach ((string name, var input) in session.InputMetadata)
        {
            if (name is not (Ids or Mask or Types))
                throw Disagrees($"asks for an input {name}; known are {Ids}, {Mask} and {Types}");
            if (input.ElementDataType != TensorElementType.Int64)
                throw Disagrees($"wants {name} as {input.ElementDataType}, not Int64");
        }
        if (!session.InputMetadata.ContainsKey(Ids) || !session.InputMetadata.ContainsKey(Mask))
            throw Disagrees($"has the inputs {string.Join(", ", session.InputMetadata.Keys)}; {Ids} and {Mask} are needed");

        string outputs = string.Join(", ", session.OutputMetadata.Keys);
        string? output = manifest.Output ?? s_usualOutputs.FirstOrDefault(session.OutputMetadata.ContainsKey);
        if (output is null || !session.OutputMetadata.TryGetValue(output, out var metadata))
            throw Disagrees($"has no output {output ?? string.Join(" or ", s_usualOutputs)}, but {outputs}; parameters.output names the one with a vector a token");
        if (metadata.ElementDataType is not (TensorElementType.Float or TensorElementType.Float16))
            throw Disagrees($"gives {output} as {metadata.ElementDataType}, not as float32 or float16");
        if (metadata.Dimensions is not [_, _, var dimension])
            throw Disagrees($"gives {output} in {metadata.Dimensions.Length} dimensions; batch, sequence and vector are needed");
        if (dimension > 0 && dimension != manifest.Dimension)
            throw Disagrees($"gives vectors of {dimension}, the manifest says dimension {manifest.Dimension}");
        return output;

        GridFaultException Disagrees(string how) => new($"models/{manifest.Model.ModelId}.json and {path} disagree: the graph {how}");
    }
}
