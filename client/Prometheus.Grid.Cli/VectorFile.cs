using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Folder.Npy;

namespace Prometheus.Grid.Cli;

/// <summary>A vector that a user brings as a file.</summary>
internal static class VectorFile
{
    /// <summary>Reads the first row of a .npy file.</summary>
    /// <exception cref="BadInputException">The file holds no vector of finite numbers.</exception>
    public static async Task<ReadOnlyMemory<float>> ReadFirstAsync(string path, CancellationToken cancellationToken)
    {
        var matrix = await NpyFile.ReadAsync(path, cancellationToken);
        return matrix.Rows > 0 ? matrix.Values[..matrix.Columns] : throw new BadInputException("--vector", path, "a file with at least one vector");
    }
}
