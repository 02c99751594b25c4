using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.Output;

/// <summary>A file that appears under its name when it is complete: what is being written carries <c>.partial</c> behind it.</summary>
internal static class WholeFile
{
    /// <exception cref="BadInputException">The folder does not exist, or the name ends in none of <paramref name="endings"/>.</exception>
    public static void Check(string path, params string[] endings)
    {
        if (!endings.Contains(Path.GetExtension(path), StringComparer.Ordinal))
            throw new BadInputException("--out", path, $"a name that ends in {(endings is [.. var all, var last] && all.Length > 0 ? $"{string.Join(", ", all)} or {last}" : endings[0])}");
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            throw new BadInputException("--out", path, "a file in a folder that exists");
    }

    /// <summary>The same for text in UTF-8 with LF line ends.</summary>
    public static Task WriteTextAsync(string path, Func<StreamWriter, Task> write) => WriteAsync(path, async file =>
    {
        await using var text = new StreamWriter(file, leaveOpen: true) { NewLine = "\n" };
        await write(text);
        return true;
    });

    /// <summary>Writes and shows the file; when writing fails nothing of it stays, when the process is killed the partial file.</summary>
    public static async Task<T> WriteAsync<T>(string path, Func<FileStream, Task<T>> write)
    {
        string partial = path + ".partial";
        try
        {
            T result;
            await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 20))
            {
                result = await write(file);
                // Else a crash of the machine could leave the name without the bytes.
                file.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
            return result;
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
