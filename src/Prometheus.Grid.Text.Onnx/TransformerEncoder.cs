using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Text.Onnx.Tokenization;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>
/// Any sentence-transformers export as a text encoder: BERT tokens, a transformer in ONNX Runtime, pooling, unit length. Documents are
/// sorted by length and batched by tokens; one thread tokenises ahead of those that run the graph.
/// </summary>
internal sealed class TransformerEncoder : ITextEncoder, IDisposable
{
    // Documents that are tokenised and sorted together: enough to find some of one length, few enough that the cores do not wait long for the first.
    private const int BlockSize = 256;

    private readonly TransformerManifest _manifest;
    private readonly TransformerOptions _options;
    private readonly SentenceTokenizer _tokenizer;
    private readonly EncoderSession _session;
    private readonly ConcurrentBag<RunBuffers> _buffers = [];

    private TransformerEncoder(TransformerManifest manifest, TransformerOptions options, SentenceTokenizer tokenizer, EncoderSession session)
    {
        _manifest = manifest;
        _options = options;
        _tokenizer = tokenizer;
        _session = session;
        Fingerprint = FingerprintOf(manifest);
    }

    /// <inheritdoc/>
    public int Dimension => _manifest.Dimension;

    /// <inheritdoc/>
    public string? Fingerprint { get; }

    /// <summary>Identifies the computation: files, parameters and dimension.</summary>
    public static string FingerprintOf(TransformerManifest manifest)
    {
        string parameters = manifest.Model.Parameters.ValueKind == System.Text.Json.JsonValueKind.Object ? manifest.Model.Parameters.GetRawText() : "";
        string identity = $"{manifest.Graph.Sha256}\0{manifest.Vocabulary.Sha256}\0{manifest.Dimension}\0{parameters}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }

    /// <summary>Loads a model whose files are installed.</summary>
    /// <exception cref="NotFoundException">A file is not installed.</exception>
    /// <exception cref="GridFaultException">A file is not the one that the manifest names, or cannot be used.</exception>
    public static async Task<TransformerEncoder> LoadAsync(TransformerManifest manifest, TransformerOptions options, CancellationToken cancellationToken)
    {
        foreach (ModelFile file in manifest.Model.Files)
            await CheckFileAsync(manifest.Model, file, cancellationToken);
        string vocabulary = ModelFiles.PathOf(manifest.Model, manifest.Vocabulary);
        string graph = ModelFiles.PathOf(manifest.Model, manifest.Graph);
        Task<SentenceTokenizer> tokenizer = SentenceTokenizer.ReadAsync(vocabulary, manifest.LowerCase, cancellationToken);
        EncoderSession session = EncoderSession.Open(graph, manifest, options);
        try
        {
            return new TransformerEncoder(manifest, options, await tokenizer, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task EncodeAsync(IReadOnlyList<string> documents, Memory<float> vectors, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var batches = Channel.CreateBounded<Sequence[]>(2 * BlockSize);
        int workers = Math.Min(_options.Workers, documents.Count);
        Task[] tasks =
        [
            Run(() => TokeniseAsync(documents, vectors, batches.Writer, failed.Token)),
            .. Enumerable.Range(0, workers).Select(_ => Run(() => ComputeAsync(batches.Reader, failed.Token))),
        ];
        await FirstFailure(tasks, cancellationToken);

        // The first failure ends the others; its exception is the one that counts, not their cancellation.
        Task Run(Func<Task> work) => Task.Run(async () =>
        {
            try
            {
                await work();
            }
            catch
            {
                await failed.CancelAsync();
                throw;
            }
        }, CancellationToken.None);
    }

    public void Dispose() => _session.Dispose();

    private static async Task FirstFailure(Task[] tasks, CancellationToken cancellationToken)
    {
        await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        await (tasks.FirstOrDefault(task => task.IsFaulted) ?? Task.WhenAll(tasks));
    }

    private static async Task CheckFileAsync(ModelManifest model, ModelFile file, CancellationToken cancellationToken)
    {
        string path = ModelFiles.PathOf(model, file);
        if (!File.Exists(path))
        {
            throw new NotFoundException(
                $"file of model {model.ModelId}", path, $"install it with grid models pull {model.ModelId}; --model-id text-lsa-v1 needs nothing");
        }
        if (await ModelFiles.ProblemAsync(path, file, cancellationToken) is { } problem)
        {
            throw new GridFaultException(
                $"{path} {problem}; grid models pull {model.ModelId} fetches the right one, and another export (int8, fp16) is another model "
                    + "with a manifest of its own");
        }
    }

    private async Task TokeniseAsync(
        IReadOnlyList<string> documents, Memory<float> vectors, ChannelWriter<Sequence[]> writer, CancellationToken cancellationToken)
    {
        var cutter = new Sequences(_tokenizer, _manifest);
        for (int start = 0; start < documents.Count; start += BlockSize)
        {
            var sequences = new List<Sequence>(BlockSize);
            for (int d = start; d < Math.Min(documents.Count, start + BlockSize); d++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                cutter.Add(documents[d], vectors.Slice(d * Dimension, Dimension), sequences);
            }
            foreach (Sequence[] batch in Sequences.Batches(sequences, _options))
                await writer.WriteAsync(batch, cancellationToken);
        }
        writer.Complete();
    }

    private async Task ComputeAsync(ChannelReader<Sequence[]> reader, CancellationToken cancellationToken)
    {
        if (!_buffers.TryTake(out RunBuffers? buffers))
            buffers = new RunBuffers(Math.Max(_options.TokenBudget, _manifest.MaxTokens), Dimension);
        await foreach (Sequence[] batch in reader.ReadAllAsync(cancellationToken))
        {
            buffers.Fill([.. batch.Select(sequence => sequence.Ids)], _tokenizer.PaddingId);
            _session.Run(buffers, cancellationToken);
            for (int row = 0; row < batch.Length; row++)
                batch[row].Document.Pool(batch[row].Index, buffers.Vectors(row)[..(batch[row].Ids.Length * Dimension)], _manifest.Pooling);
        }
        _buffers.Add(buffers);
    }
}
