import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";

export interface Download {
  href: string;
  /** Name of the file. */
  file: string;
  text: string;
}

/** A button with the files that something can be had as. */
export function DownloadMenu({ label, files }: { label: string; files: readonly Download[] }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={14} aria-hidden />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {files.map(({ href, file, text }) => (
          <Menu.Item key={file} component="a" href={href} download={file}>
            {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
